"""Runs a cell on the kernel `tslab`, interrupts it once it has shown something, then runs a second cell; says as JSON what both showed.

    python interrupt_cell.py FIRST SECOND
"""
import json
import sys
import time

from jupyter_client.manager import KernelManager


def run(client, code, manager=None):
    asked = client.execute(code)
    shown, interrupted, began = [], False, time.monotonic()
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            break
        if kind in ("stream", "display_data", "update_display_data", "error"):
            shown.append(content.get("text") or content.get("evalue") or str(content.get("data")))
            if manager is not None and not interrupted:
                interrupted = True
                time.sleep(0.5)
                manager.interrupt_kernel()
    return {"shown": "".join(shown), "seconds": round(time.monotonic() - began, 1)}


manager = KernelManager(kernel_name="tslab")
manager.start_kernel()
client = manager.client()
client.start_channels()
try:
    client.wait_for_ready(timeout=120)
    first = run(client, sys.argv[1], manager)
    # tslab drops what comes while a cell that failed is being ended
    time.sleep(2)
    print(json.dumps([first, run(client, sys.argv[2])]))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
