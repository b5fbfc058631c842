"""`euthymia work`."""


def work() -> None:
    """Do what is due without anybody clicking: messages, pages, reviews, seals. `euthymia serve` starts one by itself."""
    import os
    import threading

    from euthymia_clinic.worker.loop import stop_on_signals
    from euthymia_clinic.worker.loop import work as loop

    stop = threading.Event()
    stop_on_signals(stop, os.getppid)
    loop(stop)
