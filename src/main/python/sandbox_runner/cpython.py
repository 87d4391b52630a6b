"""What `python3 file.py` does to a program before its first line and after its last, and how we do the same."""
from __future__ import annotations

import __future__
import _ast
import _frozen_importlib_external
import atexit
import builtins
import gc
import io
import os
import sys
import time

from sandbox_runner.kernel import LIBC

OWN_NAMESPACES = [globals()]  # of the modules from which programs are started
FUTURES = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names} - {0x10, 0})


def set_environment(env: dict) -> None:
    os.environ.clear()
    os.environ.update(env)
    time.tzset()


def compile_source(source, file: str, interactive: bool, flags: int = 0) -> list:
    """In one piece, or in two: then the second is an expression whose value sys.displayhook gets."""
    if not interactive:
        return [compile(source, file, "exec", flags, dont_inherit=True)]
    tree = compile(source, file, "exec", _ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    if not tree.body or not isinstance(tree.body[-1], _ast.Expr):
        return [compile(tree, file, "exec", flags, dont_inherit=True)]
    last = tree.body[-1]
    if len(tree.body) > 1 or not isinstance(last.value, _ast.Constant):  # a lone string is the docstring as well
        del tree.body[-1]
    statements = compile(tree, file, "exec", flags, dont_inherit=True)
    expression = _ast.Interactive(body=[last])
    return [statements, compile(expression, file, "single", statements.co_flags & FUTURES | flags, dont_inherit=True)]


def standard_streams() -> None:
    """As CPython makes them under PYTHONUNBUFFERED=1 and PYTHONIOENCODING=utf-8."""
    streams = (("stdin", "r", "strict"), ("stdout", "w", "strict"), ("stderr", "w", "backslashreplace"))
    for fd, (name, mode, errors) in enumerate(streams):
        buffer = open(fd, mode + "b", -1 if mode == "r" else 0, closefd=False)
        getattr(buffer, "raw", buffer).name = f"<{name}>"
        stream = io.TextIOWrapper(buffer, "utf-8", errors, "\n", write_through=True)
        stream.mode = mode
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def fresh_main(file: str) -> dict:
    """The namespace that `python3 file` starts with, installed as __main__."""
    loaders = vars(sys.modules["__main__"])
    module = sys.modules["__main__"] = type(sys)("__main__")
    names = module.__dict__
    names["__loader__"] = _frozen_importlib_external.SourceFileLoader("__main__", file)
    if "__annotations__" in loaders:  # which was made the same way: before 3.14 it has them
        names["__annotations__"] = {}
    names["__builtins__"] = builtins
    names["__file__"] = file
    names["__cached__"] = None
    return names


def report_exception(error) -> int:
    """What CPython does with the exception that ended a program; returns the exit status."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        return exit_status(error)
    trace = own_traceback(error)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    failure = None
    try:
        sys.excepthook(type(error), error, trace)
    except BaseException as caught:
        failure = caught
    if isinstance(failure, SystemExit):
        return exit_status(failure)
    if failure is not None:
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(failure), failure, own_traceback(failure))
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, trace)
    return 1


def own_traceback(error: BaseException):
    """The exception's traceback from the program's first frame on, without those of ours in between."""
    trace = error.__traceback__
    while trace and is_own(trace):
        trace = trace.tb_next
    error.__traceback__ = last = trace
    while last:
        while last.tb_next and is_own(last.tb_next):
            last.tb_next = last.tb_next.tb_next
        last = last.tb_next
    return trace


def is_own(trace) -> bool:
    return any(trace.tb_frame.f_globals is own for own in OWN_NAMESPACES)


def exit_status(error: SystemExit) -> int:
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF if -(1 << 63) <= code < 1 << 63 else 0xFF
    try:
        print(code, file=sys.stderr or sys.__stderr__)
    except Exception:
        pass
    return 1


def finish(workspace: str, before: set) -> int:
    """The part of Py_FinalizeEx that a program can see; returns what it adds to the exit status.

    Not all of it: with pandas and matplotlib preloaded, a full finalization takes 99 ms and this takes 5.
    """
    status = 0
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
    except BaseException:
        pass
    try:
        atexit._run_exitfuncs()
    except BaseException:
        pass
    status = flush_streams()
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        if hasattr(sys, name):
            setattr(sys, name, None)
    builtins._ = None
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
    for name in [name for name in sys.modules if name not in before or name == "__main__"]:
        if name == "__main__" or is_below(workspace, sys.modules[name]):
            del sys.modules[name]
    gc.collect()
    status |= flush_streams()
    LIBC.fflush(None)
    return status


def is_below(workspace: str, module) -> bool:
    """Whether it is a module of the program's own. Asks no lazy module for an attribute, which could import more."""
    return str(getattr(module, "__dict__", {}).get("__file__")).startswith(workspace + "/")


def flush_streams() -> int:
    status = 0
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except BaseException:
            status = 120
    return status
