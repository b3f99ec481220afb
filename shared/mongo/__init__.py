"""The seam to MongoDB: all that knows the driver, so that another can take its place here.

Documents are plain dictionaries with `_id`; times are aware UTC datetimes. Whatever the driver
raises because the database is away becomes `StoreAwayError` (503 with Retry-After at the edge).
"""

import os

# Motor's threads are as many as five times the cores, and a write that has to wait for another's
# transaction holds one: with ten such, the transaction that they wait for would find none.
os.environ.setdefault("MOTOR_MAX_WORKERS", "64")  # noqa: TID251 motor reads it when imported
