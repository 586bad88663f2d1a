"""US and Canadian cities with their area codes, and fictional numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    city: str
    state: str
    country: str
    postal_code: str
    area_codes: tuple[str, ...]


def _read(table: str) -> list[Place]:
    rows = (line.split("|") for line in table.strip().splitlines())
    return [
        Place(city, state, country, postal_code, tuple(area_codes.split()))
        for city, state, country, postal_code, area_codes in rows
    ]


PLACES = _read("""
New York|NY|US|10013|212 646 917
Buffalo|NY|US|14202|716
Boston|MA|US|02118|617 857
Worcester|MA|US|01608|508
Hartford|CT|US|06103|860
Providence|RI|US|02903|401
Portland|ME|US|04101|207
Burlington|VT|US|05401|802
Philadelphia|PA|US|19106|215 267
Pittsburgh|PA|US|15222|412
Newark|NJ|US|07102|973
Baltimore|MD|US|21202|410 443
Richmond|VA|US|23220|804
Raleigh|NC|US|27601|919
Charlotte|NC|US|28202|704 980
Atlanta|GA|US|30303|404 470 678
Miami|FL|US|33130|305 786
Orlando|FL|US|32801|407
Nashville|TN|US|37203|615
Louisville|KY|US|40202|502
Columbus|OH|US|43215|614
Cleveland|OH|US|44114|216
Detroit|MI|US|48226|313
Grand Rapids|MI|US|49503|616
Indianapolis|IN|US|46204|317
Chicago|IL|US|60607|312 773 872
Milwaukee|WI|US|53202|414
Madison|WI|US|53703|608
Minneapolis|MN|US|55401|612
Des Moines|IA|US|50309|515
Kansas City|MO|US|64106|816
St. Louis|MO|US|63101|314
Omaha|NE|US|68102|402
Dallas|TX|US|75201|214 469 972
Houston|TX|US|77002|713 281 832
Austin|TX|US|78701|512
San Antonio|TX|US|78205|210
Denver|CO|US|80202|303 720
Albuquerque|NM|US|87102|505
Phoenix|AZ|US|85004|602
Tucson|AZ|US|85701|520
Salt Lake City|UT|US|84101|801
Boise|ID|US|83702|208
Seattle|WA|US|98104|206
Spokane|WA|US|99201|509
Portland|OR|US|97209|503 971
Sacramento|CA|US|95814|916
San Francisco|CA|US|94107|415 628
Oakland|CA|US|94607|510
San Jose|CA|US|95113|408 669
Los Angeles|CA|US|90013|213 323
San Diego|CA|US|92101|619 858
Toronto|ON|CA|M5V 2T6|416 647
Ottawa|ON|CA|K1P 5M7|613
Hamilton|ON|CA|L8P 1A1|905 289
Montreal|QC|CA|H2Y 1C6|514 438
Quebec City|QC|CA|G1R 4S9|418
Halifax|NS|CA|B3J 1S9|902
Winnipeg|MB|CA|R3C 1A5|204
Calgary|AB|CA|T2P 1J9|403 587
Edmonton|AB|CA|T5J 2R7|780
Vancouver|BC|CA|V6B 1A1|604 778
""")

# Real ranges, because only the US, Canada, and the United Kingdom reserve fictional ones.
ABROAD = ("+1242322{:04}", "+1876922{:04}", "+4420794600{:02}")


class Numbers:
    """Hands out each number once, starting with the fictional 555-0100 to 555-0199."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = frozenset(taken)
        self.given: Counter[str] = Counter()

    def of(self, area_code: str) -> str:
        self.given[area_code] += 1
        number = f"+1{area_code}555{99 + self.given[area_code]:04}"
        return self.of(area_code) if number in self.taken else number

    def abroad(self) -> str:
        self.given["abroad"] += 1
        count = self.given["abroad"]
        # The United Kingdom reserves only 100.
        pattern = ABROAD[count % (3 if count < 100 else 2)]
        number = pattern.format(count)
        return self.abroad() if number in self.taken else number
