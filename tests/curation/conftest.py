"""A fresh database for every test, of both kinds."""

import itertools

import psycopg
import pytest

from explorer.curation import database
from explorer.curation.texts import Texts
from explorer.curation.versions import Place
from tests.curation.postgres_server import PASSWORD, postgres_server

_numbers = itertools.count()
PLACE = Place("4d3c", "77aa", "A")


@pytest.fixture(scope="session")
def postgres():
    """Port of a server."""
    with postgres_server() as port:
        yield port


@pytest.fixture
def postgres_url(postgres):
    """An empty database of the server."""
    name = f"texts{next(_numbers)}"
    about = {"host": "127.0.0.1", "port": postgres, "user": "explorer", "password": PASSWORD}
    with psycopg.connect(**about, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql://explorer:pw-%C3%84hre%2F%40%3A3@127.0.0.1:{postgres}/{name}"
    for opened in list(database._opened.values()):
        opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'texts.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def texts(url):
    return Texts(url)
