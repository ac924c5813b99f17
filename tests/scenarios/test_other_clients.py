"""What other libraries send, as it travels, and what they look for in the answers: each would break without it."""

from __future__ import annotations

import re

import pytest

from tests.scenarios.harness import API, NOBODY, Answer, Api

STRIP = "null"
"""What many clients send in `If-None-Match` to get around caches."""

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ANNOTATED = 'odata.include-annotations="*"'


@pytest.fixture
def account(api: Api) -> str:
    """A row to work with."""
    return api.make("accounts", name="Contour", revenue=12.5)


# --- rows -------------------------------------------------------------------------------------------------------------


def test_an_upsert_tells_apart_what_it_did_only_when_asked(api: Api) -> None:
    """204 either way; with a representation 201 for a new row and 200 for one that was there. [CC-11], [OC-21]"""
    new = "5f3e0000-0000-4000-8000-0000fe000001"
    asked = {"prefer": "return=representation"}
    first = api.patch(f"accounts({new})", {"name": "one"}, **asked)
    second = api.patch(f"accounts({new})", {"name": "two"}, **asked)
    third = api.patch(f"accounts({new})", {"name": "three"})

    assert [(201, "one"), (200, "two")] == [(answer.status, answer.json["name"]) for answer in (first, second)]
    assert (204, f"{API}accounts({new})") == (third.status, third.headers["odata-entityid"])


@pytest.mark.parametrize(("match", "status"), [({}, 204), ({"if_match": "*"}, 204)])
def test_if_none_match_null_means_nothing(api: Api, account: str, match: dict[str, str], status: int) -> None:
    """The word, not a tag; also beside `If-Match`. [CC-12], [OC-14], [OC-21]"""
    assert 200 == api.get(f"accounts({account})", if_none_match=STRIP).status
    assert status == api.patch(f"accounts({account})", {"name": "x"}, if_none_match=STRIP, **match).status
    assert 404 == api.patch(f"accounts({NOBODY})", {"name": "x"}, if_none_match=STRIP, if_match="*").status


def test_a_tag_is_digits_and_spares_an_unchanged_row(api: Api, account: str) -> None:
    """`W/"<digits>"` in the header and in the row; a matching one gives 304 without a body. [CC-13], [OC-6]"""
    answer = api.get(f"accounts({account})?$select=name")
    tag = answer.headers["etag"]

    assert re.fullmatch(r'W/"\d+"', tag)
    assert tag == answer.json["@odata.etag"]
    unchanged = api.get(f"accounts({account})?$select=name", if_none_match=tag)
    assert (304, b"") == (unchanged.status, unchanged.body)
    old = api.patch(f"accounts({account})", {"name": "y"}, if_match='W/"1"')
    assert (412, 412) == (old.status, api.delete(f"accounts({account})", if_match='W/"1"').status)


def test_times_have_no_fraction(api: Api) -> None:
    """Clients turn exactly this shape into a date; with a fraction they send it. [CC-15], [DW-13]"""
    task = api.make("tasks", subject="call", scheduledend="2024-05-01T12:00:00.000Z")

    row = api.read(f"tasks({task})?$select=scheduledend,createdon")

    assert "2024-05-01T12:00:00Z" == row["scheduledend"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["createdon"])


def test_a_list_has_only_what_was_asked_for(api: Api, account: str) -> None:
    """No count, no link behind the last page, no context in the rows. [CC-25], [OC-27]"""
    answer = api.get(f"accounts?$filter=accountid eq {account}&$select=name").json

    assert {"@odata.context", "value"} == set(answer)
    assert {"@odata.etag", "name", "accountid"} == set(answer["value"][0])


def test_the_context_lists_what_was_selected(api: Api, account: str) -> None:
    """A sample checks it by a pattern, with expanded columns in the list. [OC-1]"""
    plain = api.read(f"accounts({account})?$select=name,revenue")
    expanded = api.read(f"accounts({account})?$select=name&$expand=primarycontactid($select=fullname)")

    assert f"{API}$metadata#accounts(name,revenue)/$entity" == plain["@odata.context"]
    assert f"{API}$metadata#accounts(name,primarycontactid(fullname))/$entity" == expanded["@odata.context"]


def test_a_single_property_is_set_read_and_cleared(api: Api, account: str) -> None:
    """As the samples do with a telephone number. [OC-7], [CC-16]"""
    address = f"accounts({account})/telephone1"

    assert 204 == api.put(address, {"value": "555-0105"}).status
    assert "555-0105" == api.read(address)["value"]
    assert (204, 204) == (api.delete(address).status, api.get(address).status)


def test_ids_are_told_in_small_letters_whatever_the_address_has(api: Api, account: str) -> None:
    """`dataverse-webapi` sends capitals; others find only small ones in the header. [OC-14], [OC-10], [OC-24]"""
    answer = api.patch(f"accounts({account.upper()})", {"name": "x"}, if_none_match=STRIP)

    assert re.search(rf"\(({GUID})\)$", answer.headers["odata-entityid"])
    assert 200 == api.get(f"accounts({account.upper()})?").status


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("follow", ["{}", "{}/"])
def test_a_next_link_may_end_in_a_slash(api: Api, follow: str) -> None:
    """`dataverse-webapi` and `xrm-webapi` add one. [OC-14], [OC-15], [CC-26]"""
    for number in range(3):
        api.make("accounts", name=f"{number}")
    first = api.get("accounts?$select=name&$orderby=name", prefer="odata.maxpagesize=2,odata.include-annotations=*")

    link = follow.format(first.json["@odata.nextLink"].removeprefix(API))
    second = api.get(link, prefer='odata.maxpagesize=2,odata.include-annotations=""')

    assert ["2"] == [row["name"] for row in second.json["value"]]


@pytest.mark.parametrize(
    "query",
    [
        "$filter=((name eq 'Contour') and (not (contains(name,'x'))))&$orderby=createdon asc",
        "%24filter=createdon gt 1970-01-01T00:00:00.000Z and accountid eq {id}",
        "$filter=accountid eq '{id}'&$expand=contact_customer_accounts($select=fullname;$orderby=fullname;$top=2)",
        "$orderby=modifiedon asc&$filter=modifiedon ge 1970-01-01T00:00:00Z and name eq 'Contour'",
    ],
)
def test_questions_of_builders_are_understood(api: Api, account: str, query: str) -> None:
    """`odata-query`, the pipelines, the query builder of the SDK. [OC-26], [OC-32], [CC-27], [CC-31]"""
    found = api.get(f"accounts?{query.replace('{id}', account).replace(' ', '%20')}")

    assert [account] == [row["accountid"] for row in found.json["value"]]


def test_a_client_that_skips_sees_an_error(api: Api) -> None:
    """`sqlalchemy-odata` pages that way; other rows than asked for would be worse. [OC-33], [CC-28]"""
    answer = api.get("accounts?$top=5&$skip=5")

    assert (400, "Skip Clause is not supported in CRM") == (answer.status, answer.message)


def test_an_unquoted_key_is_needed_for_an_id(api: Api, account: str) -> None:
    """`@odata/client` puts texts in quotes unless it is told the type. [OC-30], [OC-34]"""
    answer = api.get(f"accounts('{account}')")

    assert 400 == answer.status
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.message


# --- batches ----------------------------------------------------------------------------------------------------------

BATCH = (
    b"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET WhoAmI HTTP/1.1\r\n\r\n"
    b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    b"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 7\r\n\r\n"
    b'POST accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"name":"--b is no boundary"}\r\n'
    b"--c--\r\n--b--\r\n"
)


@pytest.fixture
def batch(api: Api) -> Answer:
    """A read, and a change set of one."""
    return api.send("POST", "$batch", BATCH, headers={"content-type": "multipart/mixed;boundary=b"})


def test_a_batch_answer_is_as_its_parsers_expect(batch: Answer) -> None:
    """From the first byte to the last, in the letter case that two clients search for. [CC-51], [CC-52], [OC-22]"""
    boundary = batch.headers["content-type"].partition("boundary=")[2]
    text = batch.body.decode()

    assert re.fullmatch(f"batchresponse_{GUID}", boundary)
    assert text.startswith(
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    )
    assert text.rstrip("\r\n").endswith(f"--{boundary}--")
    assert [] == re.findall(r"(?<!\r)\n", text)
    assert re.search(r"\r\n\r\nHTTP/1\.1 200 OK\r\n", text)
    assert re.search(rf"\r\nOData-EntityId: http\S+\({GUID}\)\r\n", text)
    assert "\r\nHTTP/1.1 204 No Content\r\n" in text


def test_a_change_set_answer_begins_at_once(batch: Answer) -> None:
    """One header line, a blank one, the first boundary; the members carry their numbers. [CC-53], [OC-14], [OC-22]"""
    text = batch.body.decode()
    found = re.search(rf"Content-Type: multipart/mixed; boundary=(changesetresponse_{GUID})\r\n\r\n--\1\r\n", text)

    assert found is not None
    assert "\r\nContent-ID: 7\r\n" in text[found.end() - 2 :]


def test_bodies_in_a_batch_answer_are_one_line(batch: Answer) -> None:
    """One client cuts the answer at every `--`. [CC-54], [OC-23]"""
    text = batch.body.decode()

    assert 1 == len(re.findall(r"^\{.*\}\r$", text, re.MULTILINE))
    assert [] == re.findall(r"--(?!batchresponse_|changesetresponse_|\r|$)", text, re.MULTILINE)
