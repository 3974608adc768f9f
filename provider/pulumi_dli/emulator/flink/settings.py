"""How Flink is started: its settings, the memory of its processes, their command lines. Pure but for the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .certificate import LOOPBACK, Certificate
from .distribution import Distribution

SLOTS = 16
"""Subtasks at the same time, over all jobs."""
MASTER_HEAP_MB = 320
MASTER_DIRECT_MB = 128
WORKER_HEAP_MB = 640
"""128 of it for Flink itself."""
WORKER_DIRECT_MB = 192
WORKER_MANAGED_MB = 128
METASPACE_MB = 256
CODE_MB = 64
"""For compiled code, of each process."""
OVERHEAD_MB = 192
"""What the JVM itself and its threads take, compiled code included; given to Flink for its own arithmetic."""

# What Flink's own start scripts give a JVM since Java 11 (the documents' `env.java.opts.all`).
_EXPORTS = (
    "java.base/sun.net.util",
    "java.rmi/sun.rmi.registry",
    "jdk.compiler/com.sun.tools.javac.api",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.compiler/com.sun.tools.javac.parser",
    "jdk.compiler/com.sun.tools.javac.tree",
    "jdk.compiler/com.sun.tools.javac.util",
    "java.security.jgss/sun.security.krb5",
)
_OPENS = (
    "java.base/java.lang", "java.base/java.net", "java.base/java.io", "java.base/java.nio", "java.base/sun.nio.ch",
    "java.base/java.lang.reflect", "java.base/java.text", "java.base/java.time", "java.base/java.util",
    "java.base/java.util.concurrent", "java.base/java.util.concurrent.atomic", "java.base/java.util.concurrent.locks",
)  # fmt: skip
_MAIN = {
    "jobmanager": "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
    "taskmanager": "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
}
_FIRST_JAVA_WITH_ALLOW = 17
_LOGGING = """\
status = error
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = file
appender.file.name = file
appender.file.type = RollingFile
appender.file.fileName = ${sys:log.file}
appender.file.filePattern = ${sys:log.file}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 1
"""


@dataclass(frozen=True)
class Place:
    """Where a cluster lives: its folders and its two fixed ports."""

    work: Path
    """Keeps savepoints and checkpoints."""
    run: Path
    """All else; it goes with the cluster."""
    rest_port: int
    rpc_port: int
    marker: str
    """Stands in the command lines, to know them again."""

    @property
    def jars(self) -> Path:
        """Return the folder from which Flink takes JARs by their file names."""
        return self.run / "jars" / "flink-web-upload"


def settings(place: Place, certificate: Certificate) -> dict[str, Any]:
    """Return Flink's settings: everything on loopback, everybody with a certificate, memory bounded."""
    return {
        "jobmanager.rpc.address": LOOPBACK,
        "jobmanager.rpc.port": place.rpc_port,
        "jobmanager.bind-host": LOOPBACK,
        "rest.address": LOOPBACK,
        "rest.bind-address": LOOPBACK,
        "rest.port": place.rest_port,
        "rest.bind-port": str(place.rest_port),
        "taskmanager.host": LOOPBACK,
        "taskmanager.bind-host": LOOPBACK,
        "taskmanager.numberOfTaskSlots": SLOTS,
        **_memory(),
        **_tls(certificate),
        "web.upload.dir": str(place.run / "jars"),
        "web.tmpdir": str(place.run / "web"),
        "web.cancel.enable": False,
        # So long (ms) Flink's answers on a job may be out of date.
        "web.refresh-interval": 400,
        "io.tmp.dirs": str(place.run / "tmp"),
        "state.savepoints.dir": (place.work / "savepoints").as_uri(),
        "state.checkpoints.dir": (place.work / "checkpoints").as_uri(),
        # A job that asks for more slots than there are is to fail while somebody still looks.
        "slot.request.timeout": 30_000,
        # A machine that is busy with other things is no dead TaskManager.
        "heartbeat.timeout": 120_000,
        "web.timeout": 120_000,
        "pekko.ask.timeout": "60 s",
        "cluster.intercept-user-system-exit": "THROW",
    }


def _memory() -> dict[str, Any]:
    framework = 128
    return {
        "taskmanager.cpu.cores": 1.0,
        "taskmanager.memory.framework.heap.size": f"{framework}m",
        "taskmanager.memory.task.heap.size": f"{WORKER_HEAP_MB - framework}m",
        "taskmanager.memory.framework.off-heap.size": f"{framework}m",
        "taskmanager.memory.task.off-heap.size": "0m",
        "taskmanager.memory.network.min": f"{WORKER_DIRECT_MB - framework}m",
        "taskmanager.memory.network.max": f"{WORKER_DIRECT_MB - framework}m",
        "taskmanager.memory.managed.size": f"{WORKER_MANAGED_MB}m",
        "taskmanager.memory.jvm-metaspace.size": f"{METASPACE_MB}m",
        "taskmanager.memory.jvm-overhead.min": f"{OVERHEAD_MB}m",
        "taskmanager.memory.jvm-overhead.max": f"{OVERHEAD_MB}m",
        "jobmanager.memory.heap.size": f"{MASTER_HEAP_MB}m",
    }


def _tls(certificate: Certificate) -> dict[str, Any]:
    stores = {
        f"security.ssl.{side}.{name}": value
        for side in ("rest", "internal")
        for name, value in {
            "enabled": True,
            "keystore": str(certificate.store),
            "keystore-type": "PKCS12",
            "keystore-password": certificate.password,
            "key-password": certificate.password,
            "truststore": str(certificate.store),
            "truststore-type": "PKCS12",
            "truststore-password": certificate.password,
        }.items()
    }
    # Flink's default is RSA's; the key is an elliptic one, which is made in no time.
    algorithms = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
    return {**stores, "security.ssl.rest.authentication-enabled": True, "security.ssl.algorithms": algorithms}


def write(place: Place, values: Mapping[str, Any]) -> None:
    """Write the folders and files from which the processes start."""
    for folder in (place.run / "conf", place.run / "log", place.run / "tmp", place.jars):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("savepoints", "checkpoints"):
        (place.work / name).mkdir(parents=True, exist_ok=True)
    conf = place.run / "conf" / "config.yaml"
    conf.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()), encoding="utf-8")
    conf.chmod(0o600)
    (place.run / "conf" / "log4j.properties").write_text(_LOGGING, encoding="utf-8")


def command(role: str, distribution: Distribution, place: Place) -> list[str]:
    """Return the command line of `jobmanager` or `taskmanager`."""
    heap, direct = (MASTER_HEAP_MB, MASTER_DIRECT_MB) if role == "jobmanager" else (WORKER_HEAP_MB, WORKER_DIRECT_MB)
    allow = ["-Djava.security.manager=allow"] if distribution.java_version >= _FIRST_JAVA_WITH_ALLOW else []
    return [
        str(distribution.java),
        f"-Xmx{heap}m",
        f"-XX:MaxDirectMemorySize={direct}m",
        f"-XX:MaxMetaspaceSize={METASPACE_MB}m",
        f"-XX:ReservedCodeCacheSize={CODE_MB}m",
        # Short-lived and small: what starts fast is best.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Dpulumi-dli.emulator={place.marker}",
        f"-Dlog.file={place.run / 'log' / role}.log",
        f"-Dlog4j.configurationFile={(place.run / 'conf' / 'log4j.properties').as_uri()}",
        f"-Djava.io.tmpdir={place.run / 'tmp'}",
        *allow,
        *(f"--add-exports={each}=ALL-UNNAMED" for each in _EXPORTS),
        *(f"--add-opens={each}=ALL-UNNAMED" for each in _OPENS),
        "-cp",
        f"{distribution.jars}/*",
        _MAIN[role],
        "--configDir",
        str(place.run / "conf"),
    ]
