"""A mark certificate (VMC or CMC) as far as it can be judged here: its purpose, its time, its names, and that it holds a logo."""

from datetime import UTC, datetime

from cryptography import x509

FOR_MARKS = (
    "1.3.6.1.5.5.7.3.31"  # the extended key usage of BIMI (id-kp-BrandIndicatorforMessageIdentification)
)
LOGOTYPE = "1.3.6.1.5.5.7.1.12"  # RFC 3709


def mark_fault(pem: bytes, domains: tuple[str, ...]) -> str:
    """What is wrong with the first certificate of the file for one of these domains, as a sentence; "" if nothing is seen."""
    try:
        first = x509.load_pem_x509_certificates(pem)[0]
        usage = _usage(first)
        names = _names(first)
    except (ValueError, IndexError, x509.ExtensionNotFound):
        return "What is behind a= is no mark certificate in PEM."
    if FOR_MARKS not in usage or not any(one.oid.dotted_string == LOGOTYPE for one in first.extensions):
        return "The certificate behind a= is not one for marks: it lacks their purpose or the logo."
    now = datetime.now(UTC)
    if not first.not_valid_before_utc <= now <= first.not_valid_after_utc:
        return f"The mark certificate is valid until {first.not_valid_after_utc:%d %b %Y} only."
    if not set(names) & set(domains):
        return f"The mark certificate is for {', '.join(names[:3]) or 'no domain'}, not for {domains[0]}."
    return ""


def _usage(certificate: x509.Certificate) -> list[str]:
    return [
        one.dotted_string
        for one in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    ]


def _names(certificate: x509.Certificate) -> list[str]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [name.lower() for name in found.get_values_for_type(x509.DNSName)]
