"""What a test run may be told from outside."""

from pydantic import Field
from pydantic_settings import BaseSettings


class TestEnvironment(BaseSettings):
    """AMQP_URL names a broker that the tests may use; without it they start one of their own."""

    __test__ = False

    amqp_url: str = Field("", validation_alias="AMQP_URL")
