"""Who may open what: every address of the program, written down once more by hand.

A new view fails the house test until its line stands here. Write the rights of which one is needed, and think about each.
"""

PUBLIC = ("public",)
SIGNED_IN = ("signed_in",)
AFFILIATE = ("affiliate",)  # an affiliate on his own pages: a session of ours opens none of them
KEY = "key"  # programs, with a key of the scope that stands behind it
EMAIL_SETTINGS = ("manage_email_settings",)
DOMAINS = ("manage_domains",)
WRITES_MESSAGES = ("send_to_own_affiliates", "send_to_all")
EDITS_OFFERS = ("edit_own_offers", "edit_all_offers")
READS_OFFERS = ("view_all_offers", *EDITS_OFFERS)
READS_AFFILIATES = ("view_all_affiliates", "view_affiliate_details")
READS_MESSAGES = (*WRITES_MESSAGES, "view_delivery_log", "approve_large_sends")

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
    "accounts.second_step": PUBLIC,  # the session of whoever has just typed the right password is the capability
    "accounts.second_factor": SIGNED_IN,
    "accounts.begin_factor": SIGNED_IN,
    "accounts.confirm_factor": SIGNED_IN,
    "accounts.new_codes": SIGNED_IN,
    "accounts.remove_factor": SIGNED_IN,
    "accounts.reset_factor": ("manage_users",),
    "accounts.users": ("manage_users",),
    "accounts.new_user": ("manage_users",),
    "accounts.edit_user": ("manage_users",),
    "accounts.disable_user": ("manage_users",),
    "accounts.enable_user": ("manage_users",),
    "accounts.invite_user": ("manage_users",),
    "accounts.audit": ("manage_users",),
    # announcing: mails of events to very many
    **{f"announcing.{name}": ("approve_large_sends",) for name in ("waiting", "look", "approve", "decline")},
    # webhooks: only who may also see outcomes (view_delivery_log)
    **{
        f"webhooks.{name}": ("manage_apis",)
        for name in (
            *("index", "guide", "new", "show", "edit", "renew", "pause", "resume", "try_out", "delete"),
            *("again", "skip"),
        )
    },
    # dashboard
    "dashboard.work": EMAIL_SETTINGS,
    "dashboard.try_work": EMAIL_SETTINGS,
    # tracking
    "tracking.follow": PUBLIC,  # the token is the capability
    "tracking.picture": PUBLIC,  # likewise
    # digests
    "digests.index": (*WRITES_MESSAGES, "approve_large_sends"),
    "digests.show": (*WRITES_MESSAGES, "approve_large_sends"),
    "digests.preview": (*WRITES_MESSAGES, "approve_large_sends"),
    "digests.new": WRITES_MESSAGES,
    "digests.edit": WRITES_MESSAGES,
    "digests.switch": WRITES_MESSAGES,
    "digests.delete": WRITES_MESSAGES,
    "digests.approve": ("approve_large_sends",),
    # segments: whom one names depends on who asks; private ones are their owner's
    "segments.index": READS_AFFILIATES,
    "segments.new": READS_AFFILIATES,
    "segments.edit": READS_AFFILIATES,
    "segments.count": READS_AFFILIATES,
    "segments.show": READS_AFFILIATES,
    "segments.delete": READS_AFFILIATES,
    # reports
    "reports.index": READS_MESSAGES,
    "reports.csv": READS_MESSAGES,
    "reports.message": READS_MESSAGES,
    "reports.message_csv": READS_MESSAGES,
    # replies, timeline: every one also checked against the own affiliates of the user
    "feedback.dismiss_returned": ("manage_suppressions",),
    "replies.assign_returned": ("manage_suppressions",),
    "replies.index": ("view_affiliate_details",),
    "replies.show": ("view_affiliate_details",),
    "replies.set_state": ("view_affiliate_details",),
    "replies.assign": ("view_affiliate_details",),
    "replies.opt_out": ("edit_all", "edit_assigned"),
    "timeline.show": ("view_affiliate_details",),
    "timeline.export": ("import_and_export",),
    "timeline.add_note": ("edit_all", "edit_assigned"),
    "timeline.edit_note": ("edit_all", "edit_assigned"),
    "timeline.delete_note": ("edit_all", "edit_assigned"),
    # token_guide
    "token_guide.index": SIGNED_IN,
    # settings
    "settings.email_settings": EMAIL_SETTINGS,
    "settings.field_styles": PUBLIC,  # names of fields, the same for everybody
    "settings.signing_in": ("manage_users",),
    "settings.new_server": EMAIL_SETTINGS,
    "settings.edit_server": EMAIL_SETTINGS,
    "settings.default_server": EMAIL_SETTINGS,
    "settings.pause_server": EMAIL_SETTINGS,
    "settings.resume_server": EMAIL_SETTINGS,
    "settings.delete_server": EMAIL_SETTINGS,
    "settings.wake_server": EMAIL_SETTINGS,
    "settings.routing_table": EMAIL_SETTINGS,
    "settings.test_mail": EMAIL_SETTINGS,
    # The folder holds links for new passwords too: whoever reads it could become anybody. (Whoever may change the
    # mail server could have such mail delivered to himself anyway.)
    "settings.mail_folder": EMAIL_SETTINGS,
    "settings.folder_mail": EMAIL_SETTINGS,
    "settings.folder_mail_html": EMAIL_SETTINGS,
    "settings.folder_mail_raw": EMAIL_SETTINGS,
    "settings.setup_network": EMAIL_SETTINGS,
    "settings.setup_identity": EMAIL_SETTINGS,
    "settings.setup_server": EMAIL_SETTINGS,
    "settings.setup_test": EMAIL_SETTINGS,
    # affiliates (every one of them, and every file, is also checked against the own affiliates of the user)
    "affiliates.index": ("view_all_affiliates", "view_affiliate_details"),
    "affiliates.show": ("view_all_affiliates", "view_affiliate_details"),
    "affiliates.new": ("create_affiliates",),
    "affiliates.edit": ("edit_all", "edit_assigned"),
    "affiliates.set_status": ("edit_all", "edit_assigned"),
    "affiliates.erase": ("edit_all",),
    "affiliates.lift": ("manage_suppressions",),
    "affiliates.take_tax_form": ("view_payment_details",),
    "affiliates.note_tax_form": ("view_payment_details",),
    "affiliates.remove_tax_form": ("view_payment_details",),
    "affiliates.group_list": ("view_all_affiliates",),
    "affiliates.new_group": ("edit_all",),
    "affiliates.edit_group": ("edit_all",),
    "affiliates.delete_group": ("edit_all",),
    "affiliates.export": ("import_and_export",),
    "affiliates.import_start": ("import_and_export",),
    "affiliates.import_columns": ("import_and_export",),
    "affiliates.import_show": ("import_and_export",),
    "affiliates.import_begin": ("import_and_export",),
    "affiliates.import_refused": ("import_and_export",),
    # offers (every one of them, and every assignment, is also checked against the own offers and affiliates of the user)
    "offers.index": READS_OFFERS,
    "offers.show": READS_OFFERS,
    "offers.new": EDITS_OFFERS,
    "offers.edit": EDITS_OFFERS,
    "offers.set_status": EDITS_OFFERS,
    "offers.send_creatives": EDITS_OFFERS,
    "offers.set_requests": EDITS_OFFERS,
    "offers.payouts": EDITS_OFFERS,
    "offers.new_creative": EDITS_OFFERS,
    "offers.edit_creative": EDITS_OFFERS,
    "offers.remove_creative": EDITS_OFFERS,
    "offers.export": ("import_and_export",),
    "offers.import_start": ("import_and_export",),
    "offers.import_columns": ("import_and_export",),
    "offers.import_show": ("import_and_export",),
    "offers.import_begin": ("import_and_export",),
    "offers.import_refused": ("import_and_export",),
    "assignments.index": READS_OFFERS,
    "assignments.decide": (
        *EDITS_OFFERS,
        "edit_all",
        "edit_assigned",
    ),  # whoever may change one of the two sides
    "assignments.add": EDITS_OFFERS,
    "assignments.edit": EDITS_OFFERS,
    "assignments.export": ("import_and_export",),
    "assignments.import_start": ("import_and_export",),
    "assignments.import_columns": ("import_and_export",),
    "assignments.import_show": ("import_and_export",),
    "assignments.import_begin": ("import_and_export",),
    "assignments.import_refused": ("import_and_export",),
    # feedback
    "feedback.unsubscribe": PUBLIC,  # the signed address is the capability
    "feedback.undo": PUBLIC,  # likewise
    "feedback.preferences": PUBLIC,  # likewise
    "feedback.suppressions": ("manage_suppressions",),
    "feedback.suppress": ("manage_suppressions",),
    "feedback.lift": ("manage_suppressions",),
    "feedback.import_suppressions": ("manage_suppressions",),
    "feedback.suppressions_csv": ("manage_suppressions",),
    "feedback.returned": ("manage_suppressions",),
    "feedback.returned_mail": ("manage_suppressions",),
    "feedback.returned_raw": ("manage_suppressions",),
    "feedback.mailbox": EMAIL_SETTINGS,
    "feedback.fetch_mailbox": EMAIL_SETTINGS,
    "feedback.remove_mailbox": EMAIL_SETTINGS,
    # broadcasts: which message, is decided by its author and the audience
    "broadcasts.list_recipients": (*WRITES_MESSAGES, "approve_large_sends"),
    "broadcasts.index": READS_MESSAGES,
    "broadcasts.show": READS_MESSAGES,
    "broadcasts.progress": READS_MESSAGES,
    "broadcasts.mail": READS_MESSAGES,
    "broadcasts.outcome_csv": READS_MESSAGES,
    "broadcasts.approval": ("approve_large_sends",),
    "broadcasts.approve": ("approve_large_sends",),
    "broadcasts.decline": ("approve_large_sends",),
    "broadcasts.withdraw": WRITES_MESSAGES,
    "broadcasts.rules": EMAIL_SETTINGS,
    "broadcasts.clicks": READS_MESSAGES,
    "broadcasts.clicks_csv": READS_MESSAGES,
    "broadcasts.preview": (
        *WRITES_MESSAGES,
        "approve_large_sends",
    ),  # one sees the mail only as affiliates to whom one may write
    "broadcasts.new": WRITES_MESSAGES,
    "broadcasts.edit": WRITES_MESSAGES,
    "broadcasts.copy": WRITES_MESSAGES,
    "broadcasts.delete": WRITES_MESSAGES,
    "broadcasts.blank": WRITES_MESSAGES,
    "broadcasts.preview_typed": WRITES_MESSAGES,
    "broadcasts.check": WRITES_MESSAGES,
    "broadcasts.audience": WRITES_MESSAGES,
    "broadcasts.test": WRITES_MESSAGES,
    "broadcasts.tested": WRITES_MESSAGES,
    "broadcasts.review": WRITES_MESSAGES,
    "broadcasts.judge": WRITES_MESSAGES,  # shows mails of affiliates to whom one may write
    "broadcasts.send": WRITES_MESSAGES,
    "broadcasts.pause": WRITES_MESSAGES,
    "broadcasts.resume": WRITES_MESSAGES,
    "broadcasts.cancel": WRITES_MESSAGES,
    "broadcasts.resend": WRITES_MESSAGES,
    # portal: the affiliate's own pages, and what colleagues see and do about them
    "portal.enter": PUBLIC,  # the signed address is the capability, and only its button acts
    "portal.again": PUBLIC,  # sends to the address on file, whoever asks
    "portal.sign_in": PUBLIC,  # likewise
    "portal.creatives_of": PUBLIC,  # leads on to the affiliate's page
    "portal.sign_out": AFFILIATE,
    "portal.mine": AFFILIATE,
    "portal.others": AFFILIATE,
    "portal.offer": AFFILIATE,
    "portal.offer_by_cid": AFFILIATE,
    "portal.creative": AFFILIATE,
    "portal.ask": AFFILIATE,
    "portal.mail": AFFILIATE,
    "portal.tax_form": AFFILIATE,
    "portal.page": EMAIL_SETTINGS,
    "portal.send_link": ("edit_all", "edit_assigned"),
    "portal.look_as": ("view_affiliate_details",),
    "portal.seen_mine": ("view_affiliate_details",),
    "portal.seen_others": ("view_affiliate_details",),
    "portal.seen_offer": ("view_affiliate_details",),
    "portal.seen_creative": ("view_affiliate_details",),
    "portal.seen_mail": ("view_affiliate_details",),
    # retention
    "retention.retention": EMAIL_SETTINGS,
    # templates
    **dict.fromkeys(
        (
            *(f"mail_templates.{name}" for name in ("index", "new", "edit", "switch", "reset", "delete")),
            *(f"mail_templates.{name}" for name in ("blank", "preview_typed", "preview", "check")),
            *(f"mail_templates.{name}" for name in ("test", "tested", "versions", "version", "restore")),
            *(f"mail_templates.{name}" for name in ("edit_layout", "layout_preview", "import_file")),
            *(f"mail_templates.{name}" for name in ("export", "export_all")),
        ),
        ("manage_templates",),
    ),
    # applications
    "applications.apply": PUBLIC,
    "applications.confirm": PUBLIC,  # the signed address is the capability, and only a press acts
    "applications.index": ("approve_applications",),
    "applications.show": ("approve_applications",),
    "applications.decide": ("approve_applications",),
    "applications.settings": EMAIL_SETTINGS,
    # events
    "announcing.index": ("manage_templates", "view_delivery_log"),
    "announcing.timing": ("manage_templates",),
    # notices
    "notices.receive": PUBLIC,  # the service's signature is the capability
    "notices.index": ("view_delivery_log", "manage_email_settings"),
    # guards
    "guards.index": ("view_delivery_log", "manage_domains", "manage_email_settings"),
    "guards.csv": ("view_delivery_log", "manage_domains", "manage_email_settings"),
    "guards.save_loops": EMAIL_SETTINGS,
    # mailcheck: as affiliates whose details the user sees, else with example values
    "mailcheck.template": ("manage_templates",),
    # domains
    "domains.index": DOMAINS,
    "domains.past": DOMAINS,
    "domains.checks": DOMAINS,
    "domains.seen": DOMAINS,
    "domains.records": DOMAINS,
    "domains.progress": DOMAINS,
    "domains.dkim_keys": DOMAINS,
    "domains.activate_key": DOMAINS,
    "domains.look_for_key": DOMAINS,
    "domains.retire_key": DOMAINS,
    "domains.rotate_key": DOMAINS,
    "domains.live": DOMAINS,
    "domains.live_test": DOMAINS,
    "domains.live_paste": DOMAINS,
    # api: keys for people, addresses for programs; the rights of a key's owner limit each of these, object by object
    **dict.fromkeys((f"api_keys.{name}" for name in ("index", "new", "revoke", "guide")), ("manage_apis",)),
    "api.openapi": PUBLIC,  # says what the program can, nothing about this instance
    **{
        f"api.{slug}_{verb}": (KEY, f"{slug}:{does}")
        for slug in ("affiliates", "offers", "assignments")
        for verb, does in (("list", "read"), ("show", "read"), ("put", "write"), ("change", "write"))
    },
    "api.tell": (KEY, "events:write"),
    "api.mail": (KEY, "mails:read"),
    "api.suppressions": (KEY, "suppressions:read"),
    "api.suppress": (KEY, "suppressions:write"),
    # dashboard
    "dashboard.metrics": PUBLIC,  # the operator's token is the capability; without one there is no such page
    "dashboard.health": PUBLIC,  # three words for monitors
    "dashboard.overview": SIGNED_IN,
    "dashboard.confirm_restored": EMAIL_SETTINGS,
}

# POST without a CSRF token, each with the reason.
WITHOUT_TOKEN = {
    "feedback.unsubscribe": "a mail program posts it for its reader; the signed address is the capability",
    **{
        endpoint: "a program shows its key with each request; no cookie is looked at"
        for endpoint, rights in ACCESS.items()
        if rights[0] == KEY
    },
    "feedback.undo": "the button behind the same address, for people without a session",
    "notices.receive": "services have no session; what they send is signed",
}
