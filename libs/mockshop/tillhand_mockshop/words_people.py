"""Names, towns and streets of made-up customers. Telephone numbers are of ranges that regulators keep for fiction."""

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = tuple(
    "Anna Lukas Mia Jonas Lena Felix Clara Emil Hanna Paul Marie Noah Ida Ben Greta Max Frieda Oskar Johanna Theo"
    " Aylin Emre Zeynep Can Elif Mehmet Olena Dmytro Iryna Andrij Katarzyna Piotr Agnieszka Tomasz Ana Marko Ivana"
    " Luka Camille Hugo Chloé Louis Inès Mathis Manon Jules Sanne Daan Lotte Bram Fleur Sem Olivia Oliver Amelia"
    " Harry Isla George Priya Arjun Ananya Rohan Linh Minh Thuy Duc Yuki Haruto Mei Wei Jiho Soo-ah Fatima Omar"
    " Layla Youssef Amina Kwame Ama Chidi Ngozi Sofia Mateo Lucía Diego Giulia Marco Chiara Luca Freja Lars Astrid"
    " Nils Aino Eero Eszter Bálint Petra Jakub Radka Ioana Andrei Eleni Nikos Siobhán Cian".split()
)
LAST_NAMES: Final = tuple(
    "Müller Schmidt Fischer Weber Wagner Becker Hoffmann Schäfer Koch Richter Klein Wolf Neumann Schwarz Zimmermann"
    " Krüger Vogt Lindner Yildiz Kaya Demir Şahin Shevchenko Kovalenko Bondar Nowak Wójcik Kamińska Zielińska Horvat"
    " Kovačić Jurić Moreau Lefèvre Garnier Rousseau Fontaine Mercier Jansen Bakker Visser Meijer Mulder Dekker Smith"
    " Taylor Hughes Walker Green Clarke Patel Sharma Iyer Reddy Nguyen Tran Pham Tanaka Sato Chen Zhang Kim Park"
    " Haddad Khalil Mansour Mensah Okafor Adeyemi García Romero Navarro Rossi Ferrari Conti Nielsen Hansen Lindqvist"
    " Virtanen Korhonen Nagy Kovács Novák Dvořák Popescu Ionescu Papadakis Murphy Byrne O'Connor".split()
)
MAIL_HOSTS: Final = ("mailbox.example", "post.example", "letterbox.example", "webmail.example", "kiosk.example")

# Town and the beginning of its postcodes; what is missing up to the country's length is drawn.
TOWNS: Final = {
    "DE": (
        *(("Berlin", "10"), ("Hamburg", "20"), ("München", "80"), ("Köln", "50"), ("Leipzig", "041")),
        *(("Dresden", "01"), ("Stuttgart", "70"), ("Bremen", "28"), ("Hannover", "30"), ("Nürnberg", "904")),
        *(("Leipzig", "042"), ("Leipzig", "043"), ("Erfurt", "990"), ("Kiel", "241"), ("Freiburg", "791")),
    ),
    "AT": (("Wien", "10"), ("Graz", "80"), ("Linz", "40"), ("Salzburg", "50"), ("Innsbruck", "60")),
    "FR": (("Paris", "750"), ("Lyon", "690"), ("Strasbourg", "670"), ("Nantes", "440"), ("Lille", "590")),
    "NL": (("Amsterdam", "10"), ("Utrecht", "35"), ("Groningen", "97"), ("Rotterdam", "30"), ("Eindhoven", "56")),
    "GB": (("Leeds", "LS"), ("Bristol", "BS"), ("Glasgow", "G"), ("Sheffield", "S"), ("Norwich", "NR")),
}
STREETS: Final = {
    "DE": ("Lindenweg", "Am Mühlbach", "Kastanienallee", "Gartenstraße", "Schulgasse", "Amselweg", "Zur Alten Post"),
    "AT": ("Kirchengasse", "Am Anger", "Rosenweg", "Bergstraße", "Mühlgasse", "Lerchenweg"),
    "FR": ("rue des Tilleuls", "rue du Moulin", "allée des Roses", "chemin Vert", "rue de la Fontaine"),
    "NL": ("Dorpsstraat", "Molenweg", "Kastanjelaan", "Lindenlaan", "Beukenhof"),
    "GB": ("Mill Lane", "Orchard Close", "Station Road", "Chapel Street", "Meadow View"),
}
DIGITS: Final = {"DE": 5, "AT": 4, "FR": 5, "NL": 4}

# The "#" are drawn. No range is kept for fiction in Austria and the Netherlands, so nobody there leaves a number.
PHONES: Final = {
    "DE": ("+49 30 23125 ###", "+49 69 90009 ###", "+49 40 66969 ###", "+49 221 4710 ###", "+49 89 99998 ###"),
    "AT": (),
    "FR": ("+33 1 99 00 ## ##", "+33 2 61 91 ## ##", "+33 3 53 01 ## ##", "+33 6 39 98 ## ##"),
    "NL": (),
    "GB": ("+44 20 7946 0###", "+44 113 496 0###", "+44 117 496 0###", "+44 7700 900###"),
}
COUNTRIES: Final = {"DE": 0.78, "AT": 0.09, "NL": 0.05, "FR": 0.05, "GB": 0.03}
