"""Languages told apart by script, diacritics, and py3langid for the rest."""

import pytest

from extractors.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Đồn biên phòng mời bà con hai bên suối cùng dọn đường.", "vi"),
        ("ສອງຝ່າຍໄດ້ພົບກັນຢູ່ດ່ານຊາຍແດນ Lao Bảo.", "lo"),
        ("កិច្ចប្រជុំត្រូវបានធ្វើឡើងនៅខេត្តស្វាយរៀង។", "km"),
        ("การประชุมจัดขึ้นที่จังหวัดนครพนม", "th"),
        ("两国边防部队在河口举行会晤。", "zh"),
        ("Police officers of Sekong and Đà Nẵng met on Friday to discuss the new road and the next joint patrol.", "en"),
        ("Les deux provinces se sont rencontrées à Vientiane pour préparer la visite de la délégation l'été prochain.", "fr"),
        ("", "und"),
        ("12/3 - 5.000", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language(text) == language
