"""Who may open what: every address of the program, written down once more by hand.

A new view fails the house test until its line stands here. Write the rights of which one is needed, and think about each.
"""

PUBLIC = ("public",)
SIGNED_IN = ("signed_in",)

ACCESS: dict[str, tuple[str, ...]] = {
    "static": PUBLIC,
    # accounts
    "accounts.sign_in": PUBLIC,
    "accounts.sign_out": SIGNED_IN,
    "accounts.setup": PUBLIC,  # the token is the capability
    "accounts.choose_password": PUBLIC,  # the token is the capability
    "accounts.forgotten": PUBLIC,
    "accounts.profile": SIGNED_IN,
    "accounts.own_password": SIGNED_IN,
    "accounts.sign_out_everywhere": SIGNED_IN,
    "accounts.users": ("manage_users",),
    "accounts.new_user": ("manage_users",),
    "accounts.edit_user": ("manage_users",),
    "accounts.disable_user": ("manage_users",),
    "accounts.enable_user": ("manage_users",),
    "accounts.invite_user": ("manage_users",),
    "accounts.audit": ("manage_users",),
    # settings
    # affiliates
    # feedback
    # broadcasts
    # dashboard
    "dashboard.overview": SIGNED_IN,
}

# POST without a CSRF token, each with the reason.
WITHOUT_TOKEN = {
    "feedback.unsubscribe": "a mail program posts it for its reader; the signed address is the capability",
}
