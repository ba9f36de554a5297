"""The fixed words of a ballot in its five languages."""

from dataclasses import dataclass

from engines.omr.spec import Spec


@dataclass(frozen=True)
class Words:
    """`strike`, `boxes`, `single`, `one`: instructions; `{seats}` is filled in."""

    strike: str
    boxes: str
    single: str
    one: str
    agree: str
    disagree: str
    stamp: str
    page: str
    over: str
    secrecy: str
    batch: str


WORDS = {
    "vi": Words(
        strike="Được bầu {seats} người. Không bầu người nào thì gạch một đường ngang qua cả họ và tên người đó. "
        "Không khoanh tròn, không gạch dưới, không viết thêm.",
        boxes="Được bầu {seats} người. Với mỗi người, đánh dấu X vào một trong hai ô. Không viết thêm.",
        single="Đánh dấu X vào một trong hai ô. Không viết thêm.",
        one="Đánh dấu X vào ô của một người. Không viết thêm.",
        agree="Đồng ý",
        disagree="Không đồng ý",
        stamp="Dấu của cấp ủy triệu tập",
        page="Trang {page}/{pages}",
        over="Xem tiếp trang sau.",
        secrecy="Mọi phiếu của cuộc bầu này in giống hệt nhau. Các mã chỉ ghi cuộc bầu, mẫu phiếu và số trang; "
        "không có gì trên phiếu cho biết ai đã bầu.",
        batch="Đợt in {batch}",
    ),
    "en": Words(
        strike="Seats to fill: {seats}. Draw one line through the whole name of each person you do not choose. "
        "Do not circle or underline a name; write nothing else.",
        boxes="Seats to fill: {seats}. For each name, put an X in one of the two boxes. Write nothing else.",
        single="Put an X in one of the two boxes. Write nothing else.",
        one="Put an X in the box of one person. Write nothing else.",
        agree="Agree",
        disagree="Disagree",
        stamp="Stamp of the convening body",
        page="Page {page} of {pages}",
        over="Continues on the next page.",
        secrecy="All ballots of this election are printed alike. The codes name the election, the form and the page; "
        "nothing on this sheet tells who has voted with it.",
        batch="Batch {batch}",
    ),
    "de": Words(
        strike="Zu wählen: {seats}. Streichen Sie den ganzen Namen jeder Person, die Sie nicht wählen, mit einem "
        "Strich durch. Namen nicht einkreisen oder unterstreichen; nichts hinzufügen.",
        boxes="Zu wählen: {seats}. Setzen Sie bei jedem Namen ein X in eines der beiden Felder. Nichts hinzufügen.",
        single="Setzen Sie ein X in eines der beiden Felder. Nichts hinzufügen.",
        one="Setzen Sie ein X in das Feld einer Person. Nichts hinzufügen.",
        agree="Ja",
        disagree="Nein",
        stamp="Stempel der einberufenden Stelle",
        page="Seite {page} von {pages}",
        over="Fortsetzung auf der nächsten Seite.",
        secrecy="Alle Stimmzettel dieser Wahl sind gleich gedruckt. Die Codes nennen Wahl, Vordruck und Seite; "
        "nichts auf diesem Blatt verrät, wer damit gewählt hat.",
        batch="Druckposten {batch}",
    ),
    "nl": Words(
        strike="Te kiezen: {seats}. Zet één streep door de hele naam van iedere persoon die u niet kiest. "
        "Omcirkel of onderstreep geen naam; schrijf er niets bij.",
        boxes="Te kiezen: {seats}. Zet bij elke naam een X in een van de twee vakjes. Schrijf er niets bij.",
        single="Zet een X in een van de twee vakjes. Schrijf er niets bij.",
        one="Zet een X in het vakje van één persoon. Schrijf er niets bij.",
        agree="Voor",
        disagree="Tegen",
        stamp="Stempel van het oproepende orgaan",
        page="Bladzijde {page} van {pages}",
        over="Vervolg op de volgende bladzijde.",
        secrecy="Alle stembiljetten van deze verkiezing zijn gelijk gedrukt. De codes noemen de verkiezing, het "
        "formulier en de bladzijde; niets op dit blad zegt wie ermee heeft gestemd.",
        batch="Oplage {batch}",
    ),
    "pl": Words(
        strike="Liczba mandatów: {seats}. Proszę skreślić jedną linią całe imię i nazwisko każdej osoby, której "
        "Państwo nie wybierają. Nie zakreślać, nie podkreślać, niczego nie dopisywać.",
        boxes="Liczba mandatów: {seats}. Przy każdym nazwisku proszę postawić X w jednej z dwóch kratek. "
        "Niczego nie dopisywać.",
        single="Proszę postawić X w jednej z dwóch kratek. Niczego nie dopisywać.",
        one="Proszę postawić X w kratce jednej osoby. Niczego nie dopisywać.",
        agree="Za",
        disagree="Przeciw",
        stamp="Pieczęć organu zwołującego",
        page="Strona {page} z {pages}",
        over="Ciąg dalszy na następnej stronie.",
        secrecy="Wszystkie karty tych wyborów są wydrukowane jednakowo. Kody podają wybory, wzór i stronę; "
        "nic na tej karcie nie mówi, kto nią głosował.",
        batch="Partia {batch}",
    ),
}


def instruction(spec: Spec) -> str:
    """The sentence that tells the voter what to do, in the ballot's language."""
    words = WORDS[spec.lang]
    key = "one" if spec.style == "single" and len(spec.candidates) > 1 else spec.style
    return str(getattr(words, key)).format(seats=spec.seats)
