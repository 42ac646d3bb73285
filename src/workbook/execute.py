"""Executes notebooks one after the other on the kernel `tslab` and says on stdout, one JSON object a line, how it goes.

    python execute.py TIMEOUT SOURCE TARGET [SOURCE TARGET ...]

Lines: {"cell": i, "of": n} before a code cell, then {"seconds": s, "start": k, "error": null | {...}} for each notebook. The
executed copy is written also after an error, with what was shown until then. On stderr, where the kernels write too, a line
of a form feed stands before each notebook, so that who reads can tell whose words they are, and one of a vertical tab before
the second kernel of a notebook whose first never answered.
"""
import json
import os
import signal
import sys
import threading
import time
import traceback

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def say(**line):
    print(json.dumps(line), flush=True)


def stderr_of(cell):
    return "".join(o.get("text", "") for o in cell.get("outputs", []) if o.get("output_type") == "stream" and o.get("name") == "stderr")


running = {"client": None}


def end_with_parent():
    """Ends the kernel and this process when stdin closes: the one that started us has gone, and nobody would read what is said."""
    # not by sys.stdin: a thread that waits in its lock makes Python abort when it ends
    while os.read(0, 4096):
        pass
    kernel = getattr(getattr(getattr(running["client"], "km", None), "provisioner", None), "process", None)
    if kernel is not None and kernel.poll() is None:
        try:
            # a kernel leads a group of its own
            os.killpg(kernel.pid, signal.SIGKILL)
        except (AttributeError, ProcessLookupError, PermissionError):
            kernel.kill()
    os._exit(1)


def main(source, target, timeout):
    """Executes a notebook; one whose kernel fails before the first cell runs gets another kernel, once."""
    if not execute(source, target, timeout, again=True):
        print("\v", file=sys.stderr, flush=True)
        execute(source, target, timeout, again=False)


def execute(source, target, timeout, again):
    """Executes a notebook and says how it went; with `again` says nothing and returns False where no cell has run."""
    notebook = nbformat.read(source, as_version=4)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    for i in code:  # a cell that is never reached must not show what it showed elsewhere
        notebook.cells[i].outputs = []
    at = {"cell": None, "first": None}

    def on_start(cell, cell_index):
        at["cell"] = cell_index
        at["first"] = at["first"] or time.monotonic()
        if cell_index in code:
            say(cell=code.index(cell_index) + 1, of=len(code))

    client = NotebookClient(notebook, timeout=timeout, kernel_name="tslab", record_timing=False, on_cell_execute=on_start)
    running["client"] = client
    began = time.monotonic()
    message = None
    try:
        client.execute()
    except CellExecutionError as error:
        message = stderr_of(notebook.cells[at["cell"]]) or str(error)
    except CellTimeoutError:
        message = f"the cell did not end within {timeout} s"
    except DeadKernelError:
        message = "the kernel died"
    except NoSuchKernel:
        raise
    except Exception as error:  # a kernel that does not come up, or messages that are none: the other notebooks go on
        traceback.print_exc()
        if again and at["cell"] is None:
            return False
        message = f"the notebook runner failed: {type(error).__name__}: {error}"
    nbformat.write(notebook, target)
    error = None
    if message is not None:
        cell = notebook.cells[at["cell"]] if at["cell"] is not None else {"source": ""}
        error = {"cell": (at["cell"] or 0) + 1, "source": cell["source"], "message": message.strip()}
    start = (at["first"] or time.monotonic()) - began
    say(seconds=round(time.monotonic() - began, 2), start=round(start, 2), error=error)
    return True


threading.Thread(target=end_with_parent, daemon=True).start()
pairs = sys.argv[2:]
for source, target in zip(pairs[::2], pairs[1::2]):
    print("\f", file=sys.stderr, flush=True)
    main(source, target, int(sys.argv[1]))
