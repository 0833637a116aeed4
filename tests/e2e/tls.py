"""An emud that is called over TLS, and what its callers need: certificates, tokens, descriptors."""
import os
import socket
import subprocess

from harness import EMUCTL, EmudTest


class Authority:
    """Signs certificates, in a folder of its own."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate, self.key = self.path("pem"), self.path("key")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key,
                     "-out", self.certificate)

    def path(self, suffix):
        return os.path.join(self.folder, f"{self.name}.{suffix}")

    def openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=30)

    def sign(self, name, *alternatives):
        """(certificate, key) of NAME, in place of those there are."""
        base = os.path.join(self.folder, name)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", "-keyout", base + ".key.new", "-out", base + ".csr")
        with open(base + ".ext", "w") as extensions:
            if alternatives:
                extensions.write("subjectAltName=" + ",".join(alternatives) + "\n")
        self.openssl("x509", "-req", "-in", base + ".csr", "-CA", self.certificate, "-CAkey", self.key,
                     "-CAcreateserial", "-days", "2", "-extfile", base + ".ext",
                     "-out", base + ".pem.new")
        for suffix in ("key", "pem"):
            os.replace(f"{base}.{suffix}.new", f"{base}.{suffix}")
        return base + ".pem", base + ".key"


class TlsTest(EmudTest):
    """EmudTest, and a port with TLS. Its clients' certificates are another authority's."""

    def setUp(self):
        super().setUp()
        self.remote = f"tls:localhost:{self.port}"

    def start_emud(self, *tracer, state_dir=None):
        if not hasattr(self, "ca"):
            self.ca = Authority(self.dir.name, "ca")
            self.client_ca = Authority(self.dir.name, "client-ca")
            self.certificate, self.key = self.sign_server()
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        super().start_emud(*tracer, state_dir=state_dir)

    def sign_server(self):
        return self.ca.sign("server", "DNS:localhost", "IP:127.0.0.1")

    def emud_arguments(self):
        return ["--listen", f"tls:127.0.0.1:{self.port}", "--tls-certificate", self.certificate,
                "--tls-key", self.key, "--tls-client-ca", self.client_ca.certificate]

    def token(self, name, role, project="default", *more):
        return self.ok("token", "create", name, "--role", role, "--project", project, *more).strip()

    def environment(self, **variables):
        return {**os.environ, "EMUD_ENDPOINT": self.remote, "EMUD_CA": self.ca.certificate,
                **variables}

    def remotely(self, *args, **variables):
        """emuctl over TLS, as whom the variables say."""
        return subprocess.run([EMUCTL, *args], capture_output=True, text=True, timeout=60,
                              env=self.environment(**variables))
