"""`python -m examples.reseller_portal BOOK.json COMMAND …`: a Reseller Portal by hand."""

import argparse
import asyncio
import inspect
import json
import os
from pathlib import Path

from aio_pika.exceptions import AMQPError

from examples.reseller_portal.book import Book
from examples.reseller_portal.wire import connected


def company(book: Book, reseller_id: str, name: str) -> None:
    """RESELLER_ID NAME: put a company, such as 1000001.rsp"""
    book.put_company(reseller_id, name)


def customer(book: Book, reseller_id: str, tenant_id: str, name: str) -> None:
    """RESELLER_ID TENANT_ID NAME: put a customer, such as 1234567.sms"""
    book.put_customer(reseller_id, tenant_id, name)


def person(book: Book, reseller_id: str, user_id: str, username: str, email: str) -> None:
    """RESELLER_ID USER_ID USERNAME EMAIL: put somebody of a company's staff"""
    said = {"username": username, "email": email, "display_name": username}
    book.put_person(reseller_id, user_id, ["reseller-admin"], **said)


def order(book: Book, reseller_id: str, tenant_id: str, product: str, seats: str) -> None:
    """RESELLER_ID TENANT_ID PRODUCT SEATS: order a licence for a year"""
    book.order(reseller_id, tenant_id, product=product, seats=int(seats), term_months=12)


def remove(book: Book, kind: str, name: str) -> None:
    """KIND ID: remove a company, customer or person"""
    book.remove(kind, name)


def compare(book: Book, reseller_id: str) -> None:
    """RESELLER_ID: say what is here; what differs is mended by both sides"""
    book.compare(reseller_id)


def fetch(book: Book, reseller_id: str) -> None:
    """RESELLER_ID: get everything anew"""
    book.compare(reseller_id, is_fetch=True)


def stay(_: Book) -> None:
    """Only take in what has come"""


COMMANDS = (company, customer, person, order, remove, compare, fetch, stay)


def main() -> None:
    told = "\n".join(f"{each.__name__:10}{each.__doc__}" for each in COMMANDS)
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=told, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("book", type=Path)
    parser.add_argument("command", choices=[each.__name__ for each in COMMANDS])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--amqp", default=os.environ.get("AMQP_URL", "amqp://127.0.0.1/"))
    parser.add_argument("--seconds", type=float, default=3, help="how long to stay connected")
    given = parser.parse_args()
    book = Book.from_json(given.book.read_text()) if given.book.exists() else Book()
    command = next(each for each in COMMANDS if each.__name__ == given.command)
    try:
        inspect.signature(command).bind(book, *given.words)
    except TypeError:
        parser.error(f"{given.command} {command.__doc__}")
    command(book, *given.words)
    given.book.write_text(book.to_json())  # before anything is sent: nothing told is forgotten
    try:
        asyncio.run(_stay(given.amqp, book, given.seconds))
    except (AMQPError, OSError) as error:
        parser.exit(1, f"Not sent yet, the book keeps it: {error}\n")
    given.book.write_text(book.to_json())
    for key, record in sorted(book.records.items()):
        print(key, json.dumps(record.data, ensure_ascii=False))
    for comparison in book.comparisons.values():
        print("\n".join(comparison.told()))
    for one in book.rejected:
        print("rejected:", one["message_type"], one["record"], one["reason"], one["detail"])


async def _stay(url: str, book: Book, seconds: float) -> None:
    async with connected(url, book):
        await asyncio.sleep(seconds)


if __name__ == "__main__":
    main()
