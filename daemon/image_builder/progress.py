"""How far a build has got, told on standard output as it goes."""
import json


class Progress:
    """A stage at a time, by name. Percent, where somebody knows it, goes up within a stage."""

    def __init__(self):
        self.stage = "start"
        self._percent = None

    def begin(self, stage):
        self.stage = stage
        self._percent = None
        self._tell(None)

    def report(self, percent):
        if self._percent is None or int(percent) > self._percent:
            self._percent = int(percent)
            self._tell(self._percent)


class JsonProgress(Progress):
    def _tell(self, percent):
        known = {} if percent is None else {"percent": percent}
        print(json.dumps({"stage": self.stage, **known}), flush=True)


class TextProgress(Progress):
    def _tell(self, percent):
        if percent is None or percent % 10 == 0:
            print(self.stage if percent is None else f"{self.stage}: {percent} %", flush=True)
