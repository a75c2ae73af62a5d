"""The forms of this feature."""

from wtforms import HiddenField, PasswordField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import EqualTo, InputRequired, Length, Optional, Regexp

from webapp.accounts.rights import PRESETS, RIGHTS
from webapp.accounts.users import Profile
from webapp.web.forms import Form, TextField, choices

ADDRESS = {"type": "email", "inputmode": "email", "spellcheck": "false"}
NAME_TOO_LONG = "Use at most 100 characters."
SAME = "The two passwords differ. Type the same one twice."


def _email(label: str = "E-mail address", autocomplete: str = "off") -> TextField:
    return TextField(
        label,
        [
            InputRequired("Type an e-mail address, like mara@example.com."),
            Length(max=254, message="An e-mail address has at most 254 characters."),
        ],
        render_kw={**ADDRESS, "autocomplete": autocomplete},
    )


def _new_password(label: str = "Password") -> PasswordField:
    return PasswordField(
        label, [InputRequired("Choose a password.")], render_kw={"autocomplete": "new-password"}
    )


def _again(name: str) -> PasswordField:
    return PasswordField(
        "The same password again", [EqualTo(name, SAME)], render_kw={"autocomplete": "new-password"}
    )


class SignInForm(Form):
    email = _email(autocomplete="username")
    password = PasswordField(
        "Password", [InputRequired("Type your password.")], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class ForgottenForm(Form):
    email = _email(autocomplete="username")


class PasswordForm(Form):
    password = _new_password("New password")
    again = _again("password")


class AdministratorForm(Form):
    first_name = TextField(
        "First name",
        [
            InputRequired("Type your first name. Affiliates see it on mail from you."),
            Length(max=100, message=NAME_TOO_LONG),
        ],
        render_kw={"autocomplete": "given-name"},
    )
    last_name = TextField(
        "Last name", [Length(max=100, message=NAME_TOO_LONG)], render_kw={"autocomplete": "family-name"}
    )
    email = _email("Your e-mail address", autocomplete="username")
    password = _new_password()
    again = _again("password")

    def profile(self) -> Profile:
        return Profile(
            email=self.email.data or "",
            first_name=self.first_name.data or "",
            last_name=self.last_name.data or "",
            preset="administrator",
            rights=tuple(RIGHTS),
        )


class UserForm(Form):
    first_name = TextField("First name", [Length(max=100, message=NAME_TOO_LONG)])
    last_name = TextField("Last name", [Length(max=100, message=NAME_TOO_LONG)])
    email = _email()
    phone = TextField("Phone", [Length(max=50, message="Use at most 50 characters.")])
    im = TextField("Messenger", [Length(max=100, message="Use at most 100 characters.")])
    picture = TextField(
        "Picture",
        [
            Optional(),
            Length(max=500, message="Use at most 500 characters."),
            Regexp(
                r"https://[^\s\"'<>\\\[\]]+\Z",
                message="Write the whole address of a picture, beginning with https://.",
            ),
        ],
        render_kw={"autocomplete": "off", "inputmode": "url"},
    )
    preset = SelectField(
        "Start from preset", choices=choices((each.slug, each.label) for each in PRESETS.values())
    )
    rights = SelectMultipleField(
        "Rights", choices=choices((each.slug, each.label) for each in RIGHTS.values())
    )

    def profile(self) -> Profile:
        return Profile(
            email=self.email.data or "",
            first_name=self.first_name.data or "",
            last_name=self.last_name.data or "",
            phone=self.phone.data or "",
            im=self.im.data or "",
            picture=self.picture.data or "",
            preset=self.preset.data,
            rights=tuple(self.rights.data or ()),
        )


class ProfileForm(Form):
    first_name = TextField("First name", [Length(max=100, message=NAME_TOO_LONG)])
    last_name = TextField("Last name", [Length(max=100, message=NAME_TOO_LONG)])
    theme = RadioField(
        "Theme", choices=choices([("", "As the system"), ("light", "Light"), ("dark", "Dark")]), default=""
    )


def _present() -> PasswordField:
    return PasswordField(
        "Present password",
        [InputRequired("Type your present password.")],
        render_kw={"autocomplete": "current-password"},
    )


def _code(words: str) -> TextField:
    return TextField(
        "Code",
        [InputRequired("Type the code."), Length(max=40, message="A code has 6 digits, a recovery code 16.")],
        description=words,
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class CodeForm(Form):
    code = _code("The six digits that your app shows now, or one of your recovery codes.")


class FirstCodeForm(Form):
    code = _code("The six digits that your app shows now.")


class PresentPasswordForm(Form):
    present = _present()


class ProvenForm(Form):
    present = _present()
    code = _code("The six digits that your app shows now, or one of your recovery codes.")


class OwnPasswordForm(Form):
    present = _present()
    password = _new_password("New password")
    again = _again("password")
