"""Starts the fake payment providers: python -m tools.fakes.payment_providers."""

import argparse

from .server import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="ECPay, NewebPay and LINE Pay on one machine.")
    parser.add_argument("--port", type=int, default=0)
    serve(parser.parse_args().port)
