"""Countries and territories outside the United Kingdom: ISO 3166-1 codes of two letters, and English short names.

Source: ISO 3166-1, names as in common use. The Crown Dependencies are a class of their own, not listed here.
"""

from __future__ import annotations

_LISTED = (
    "AD Andorra|AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania"
    "|AM Armenia|AO Angola|AQ Antarctica|AR Argentina|AS American Samoa|AT Austria|AU Australia|AW Aruba"
    "|AX Aland Islands|AZ Azerbaijan|BA Bosnia and Herzegovina|BB Barbados|BD Bangladesh|BE Belgium"
    "|BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BL Saint Barthelemy|BM Bermuda|BN Brunei"
    "|BO Bolivia|BQ Bonaire|BR Brazil|BS Bahamas|BT Bhutan|BV Bouvet Island|BW Botswana|BY Belarus|BZ Belize"
    "|CA Canada|CC Cocos Islands|CD Democratic Republic of the Congo|CF Central African Republic|CG Congo"
    "|CH Switzerland|CI Ivory Coast|CK Cook Islands|CL Chile|CM Cameroon|CN China|CO Colombia|CR Costa Rica"
    "|CU Cuba|CV Cape Verde|CW Curacao|CX Christmas Island|CY Cyprus|CZ Czech Republic|DE Germany|DJ Djibouti"
    "|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt"
    "|EH Western Sahara|ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FK Falkland Islands|FM Micronesia"
    "|FO Faroe Islands|FR France|GA Gabon|GD Grenada|GE Georgia|GF French Guiana|GH Ghana|GI Gibraltar"
    "|GL Greenland|GM Gambia|GN Guinea|GP Guadeloupe|GQ Equatorial Guinea|GR Greece|GS South Georgia"
    "|GT Guatemala|GU Guam|GW Guinea-Bissau|GY Guyana|HK Hong Kong|HM Heard Island|HN Honduras|HR Croatia|HT Haiti|HU Hungary"
    "|ID Indonesia|IE Ireland|IL Israel|IN India|IO British Indian Ocean Territory|IQ Iraq|IR Iran|IS Iceland"
    "|IT Italy|JM Jamaica|JO Jordan|JP Japan|KE Kenya|KG Kyrgyzstan|KH Cambodia|KI Kiribati|KM Comoros"
    "|KN Saint Kitts and Nevis|KP North Korea|KR South Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan"
    "|LA Laos|LB Lebanon|LC Saint Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|LT Lithuania"
    "|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MC Monaco|MD Moldova|ME Montenegro|MF Saint Martin"
    "|MG Madagascar|MH Marshall Islands|MK North Macedonia|ML Mali|MM Myanmar|MN Mongolia|MO Macao"
    "|MP Northern Mariana Islands|MQ Martinique|MR Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Maldives"
    "|MW Malawi|MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NF Norfolk Island"
    "|NG Nigeria|NI Nicaragua|NL Netherlands|NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand|OM Oman"
    "|PA Panama|PE Peru|PF French Polynesia|PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland"
    "|PM Saint Pierre and Miquelon|PN Pitcairn|PR Puerto Rico|PS Palestine|PT Portugal|PW Palau|PY Paraguay"
    "|QA Qatar|RE Reunion|RO Romania|RS Serbia|RU Russia|RW Rwanda|SA Saudi Arabia|SB Solomon Islands"
    "|SC Seychelles|SD Sudan|SE Sweden|SG Singapore|SH Saint Helena|SI Slovenia|SJ Svalbard|SK Slovakia"
    "|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SR Suriname|SS South Sudan|ST Sao Tome and Principe"
    "|SV El Salvador|SX Sint Maarten|SY Syria|SZ Eswatini|TC Turks and Caicos Islands|TD Chad"
    "|TF French Southern Territories|TG Togo|TH Thailand|TJ Tajikistan|TK Tokelau|TL Timor-Leste"
    "|TM Turkmenistan|TN Tunisia|TO Tonga|TR Turkey|TT Trinidad and Tobago|TV Tuvalu|TW Taiwan|TZ Tanzania"
    "|UA Ukraine|UG Uganda|UM United States Minor Outlying Islands|US United States|UY Uruguay|UZ Uzbekistan|VA Vatican City"
    "|VC Saint Vincent and the Grenadines|VE Venezuela|VG British Virgin Islands|VI US Virgin Islands"
    "|VN Vietnam|VU Vanuatu|WF Wallis and Futuna|WS Samoa|YE Yemen|YT Mayotte|ZA South Africa|ZM Zambia"
    "|ZW Zimbabwe"
)
#: Further names in use, and a few codes of three letters.
_ALSO = (
    "usa|united states of america|u s a|america|eire|republic of ireland|rep of ireland|irish republic|roi"
    "|southern ireland|irl|uae|holland|the netherlands|czechia|cote divoire|burma|macau|russian federation"
    "|korea|republic of korea|turkiye|swaziland|the gambia|the bahamas|prc|peoples republic of china"
    "|deutschland|espana|italia|osterreich|schweiz|suisse|belgie|belgique|polska|deu|fra|esp|ita|nld|bel"
    "|dublin|cork|paris|delaware|california|texas|florida|new york|grand cayman|tortola|cayman|virgin islands"
    "|luxemburg|foreign|overseas|non uk|viet nam|hongkong|hong kong sar|brasil|mexique|danmark|sverige|norge"
    "|suomi|gibraltar uk|europe|eu|rest of world|row|international|ontario|quebec"
    "|british columbia|nova scotia|alberta|queensland|victoria|western australia|south australia|new south wales|nsw|new england"
    "|new jersey|massachusetts|pennsylvania|illinois|nevada|bruxelles|brussels|amsterdam|berlin|munich|madrid|zurich|geneva"
)

COUNTRY_CODES = {item[:2].casefold(): item[3:] for item in _LISTED.split("|")}
COUNTRY_NAMES = {name.casefold().replace("-", " ") for name in COUNTRY_CODES.values()} | set(_ALSO.split("|"))
