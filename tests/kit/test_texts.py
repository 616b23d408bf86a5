import pytest
from django import forms
from django.http import QueryDict

from visitcare.kit.texts import TidyForm, tidy


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王德明", "王德明"),
        ("王\x00德\x1f明\x7f", "王德明"),
        ("第一行\r\n第二行\n", "第一行\r\n第二行\n"),
        ("甲\t乙\x0b丙\u2028丁", "甲 乙 丙 丁"),
        ("\u202e明德王\u202c", "明德王"),
        ("\ufeff王\u200b德\u2066明\u2069", "王德明"),
        ("\ud800王", "王"),
        ("👵🏻👨\u200d👩\u200d👧 ❤\ufe0f", "👵🏻👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("=1+1", "=1+1"),
    ],
)
def test_text_keeps_what_can_be_seen(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


class Words(TidyForm):
    words = forms.CharField(required=False)
    kinds = forms.MultipleChoiceField(choices=[("a", "甲"), ("b", "乙")], required=False)


def test_form_reads_tidy_texts_and_all_of_several() -> None:
    form = Words(QueryDict("words=%00%E7%8E%8B&kinds=a&kinds=b"))
    assert form.is_valid()
    assert form.cleaned_data == {"words": "王", "kinds": ["a", "b"]}


def test_form_that_was_not_sent_is_not_bound() -> None:
    assert Words().is_bound is False
