"""Fakes of ECPay, NewebPay and LINE Pay that speak their protocols and keep their books.

They are written from the providers' documentation and share no code with the shop, so that a mistake in one of the two
shows. `python -m tools.fakes.payment_providers --port 6066` serves

    POST /Cashier/AioCheckOut/V5  …             what the providers serve: see ecpay.py, newebpay.py and line_pay.py
    POST /decide {"trade", "do"}                the buttons of the pages that a customer sees
    GET  /_trades?trade_no=                     every trade, or one: its state, its refunds, its callbacks and their answers
    POST /_faults {"provider", "trade_no", …}   what goes wrong with one trade: see fault_settings.py
    POST /_settle {"trade_no"}                  the bank's night: what was authorized is captured
    POST /_forget                               as if it had just been started
"""
