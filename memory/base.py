"""The base of all records: what is proposed, tried, seen and concluded is kept in these."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of all records: immutable, strict about its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
