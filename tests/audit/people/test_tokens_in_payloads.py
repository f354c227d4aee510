"""Which strings of a payload become which tokens."""

from __future__ import annotations

import pytest

from audit.tokens import FIELDS, Forms, Table, restore

ANN, BOB = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"


def person(pseudonym: str = ANN, **values: str) -> Forms:
    forms = Forms(pseudonym)
    for field, value in values.items():
        forms.add(field, value)
    return forms


def tokenised(data: str, *people: Forms) -> str:
    return Table(people).substitute(data.encode()).decode()


@pytest.fixture
def rene() -> Forms:
    return person(id="u/17", email="rene@example.org", name="René")


def test_id_email_and_name_get_a_token_each_and_numbers_and_longer_texts_stay(rene):
    data = '{"by": "u/17", "mail":"rene@example.org","name":"René", "n": 1.50, "note": "René was here"}'
    assert tokenised(data, rene) == (
        f'{{"by": "@p:{ANN}/id", "mail":"@p:{ANN}/email","name":"@p:{ANN}/name", "n": 1.50, "note": "René was here"}}'
    )


def test_keys_are_strings_too(rene):
    assert tokenised('{"René":{"René":1}}', rene) == f'{{"@p:{ANN}/name":{{"@p:{ANN}/name":1}}}}'


def test_the_first_spelling_has_no_number_and_others_count_from_one(rene):
    data = r'["Ren\u00e9","René","Ren\u00E9","Ren\u00e9","u\/17","u/17"]'
    assert tokenised(data, rene) == (
        f'["@p:{ANN}/name","@p:{ANN}/name.1","@p:{ANN}/name.2","@p:{ANN}/name","@p:{ANN}/id","@p:{ANN}/id.1"]'
    )
    assert rene.raw["name"] == [rb'"Ren\u00e9"', '"René"'.encode(), rb'"Ren\u00E9"']


def test_a_second_value_of_a_field_counts_on():
    ann = person(name="Ann Lee")
    assert tokenised('"Ann Lee"', ann) == f'"@p:{ANN}/name"'
    ann.add("name", "Ann Kim")
    assert tokenised('["Ann Kim","Ann Lee"]', ann) == f'["@p:{ANN}/name.1","@p:{ANN}/name"]'


@pytest.mark.parametrize("first", FIELDS)
@pytest.mark.parametrize("second", FIELDS)
def test_a_value_of_two_people_goes_to_the_first_field_then_to_the_first_pseudonym(first, second):
    people = [person(ANN, **{first: "Kim"}), person(BOB, **{second: "Kim"})]
    expected = f"{ANN}/{first}" if FIELDS.index(first) <= FIELDS.index(second) else f"{BOB}/{second}"
    assert tokenised('"Kim"', *people) == tokenised('"Kim"', *reversed(people)) == f'"@p:{expected}"'


def test_a_value_of_one_person_in_two_fields_is_the_id():
    assert tokenised('"a@example.org"', person(email="a@example.org", id="a@example.org")) == f'"@p:{ANN}/id"'


@pytest.mark.parametrize("literal", ["@p:", "@p:x", f"@p:{ANN}/name", "@@p:x", "@@@@p:"])
def test_a_string_that_looks_like_a_token_gets_one_more_at_sign(literal):
    assert tokenised(f'["{literal}"]') == f'["@{literal}"]'
    assert restore(f'["@{literal}"]'.encode(), lambda *_: None).decode() == f'["{literal}"]'


@pytest.mark.parametrize("literal", ["@", "@p", "@@", "p:x", "x@p:", " @p:", r"\u0040p:x", "@q:x"])
def test_a_string_that_only_nearly_looks_like_a_token_stays(literal):
    assert tokenised(f'["{literal}"]') == f'["{literal}"]'
    assert restore(f'["{literal}"]'.encode(), lambda *_: None).decode() == f'["{literal}"]'


def test_a_name_that_looks_like_a_token_is_a_name():
    mallory = person(name=f"@p:{BOB}/name")
    assert tokenised(f'"@p:{BOB}/name"', mallory, person(BOB, name="Bob")) == f'"@p:{ANN}/name"'


def test_quotes_inside_strings_do_not_begin_strings():
    data = r'["he said \"Ann\"","\\","Ann","\"","a,b"]'
    assert tokenised(data, person(name="Ann")) == data.replace(',"Ann",', f',"@p:{ANN}/name",')


def test_what_stands_between_two_strings_is_not_a_value():
    assert tokenised('["a","b"]', person(name=",")) == '["a","b"]'


def test_nothing_is_replaced_for_people_who_are_not_named():
    assert tokenised('["Ann","René"]', person(BOB, name="Bob")) == '["Ann","René"]'


def test_an_empty_value_is_nobodys():
    assert tokenised('["",""]', person(name="", email="")) == '["",""]'


def test_equal_keys_bare_floats_and_broken_json_stay_as_they_are():
    data = '{"a":"Ann","a":1e-7,"a":NaN,}} "unfinished Ann'
    assert tokenised(data, person(name="Ann")) == data.replace('"Ann"', f'"@p:{ANN}/name"')


def test_every_spelling_of_an_erased_person_gets_the_token_without_a_number():
    gone = Forms(ANN, kept=False)
    gone.add("name", "René")
    assert tokenised(r'["René","Ren\u00e9"]', gone) == f'["@p:{ANN}/name","@p:{ANN}/name"]'
    assert gone.raw["name"] == []


def test_tokens_that_nothing_is_known_for_stay():
    data = f'["@p:{ANN}/name","@p:{ANN}/id.12"]'
    assert restore(data.encode(), lambda *_: None).decode() == data


def test_tokens_are_looked_up_by_pseudonym_field_and_position():
    asked = []

    def lookup(*key):
        asked.append(key)
        return b'"found"'

    assert restore(f'{{"@p:{ANN}/name":"@p:{BOB}/id.12"}}'.encode(), lookup) == b'{"found":"found"}'
    assert asked == [(ANN, "name", 0), (BOB, "id", 12)]


@pytest.mark.parametrize(
    "near", ["@p:short/name", f"@p:{ANN}/phone", f"@p:{ANN}/name.0", f"@p:{ANN}/name.01", f"@p:{ANN}"]
)
def test_what_is_no_token_is_not_looked_up(near):
    def lookup(*key):
        raise AssertionError(key)

    assert restore(f'"{near}"'.encode(), lookup) == f'"{near[1:]}"'.encode(), "it is taken for an escaped one"
