"""How a measurement is shown."""


def say(what, value, floor):
    print(f"{what:<58} {value:>14}   {floor}", flush=True)
