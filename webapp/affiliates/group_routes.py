"""Groups on one page: what there is, how large, a new one, another name."""

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from webapp.affiliates import groups
from webapp.affiliates.forms import GroupForm, PressForm
from webapp.affiliates.routes import blueprint, me
from webapp.errors import Invalid
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.get("/affiliates/groups")
@needs("view_all_affiliates")
def group_list() -> str:
    return _page(GroupForm())


@blueprint.post("/affiliates/groups")
@needs("edit_all")
def new_group() -> str | Response:
    form = GroupForm()
    if form.submitted():
        try:
            group = groups.create(db(), me(), form.name.data or "")
        except Invalid as error:
            form.refuse(error)
        else:
            flash(f"There is now a group “{group.name}”.", "ok")
            return redirect(url_for("affiliates.group_list"))
    return _page(form)


@blueprint.route("/affiliates/groups/<int:key>", methods=["GET", "POST"])
@needs("edit_all")
def edit_group(key: int) -> str | Response:
    group = groups.get(db(), key)
    form = GroupForm(data={"name": group.name})
    if form.submitted():
        try:
            groups.rename(db(), me(), key, form.name.data or "")
        except Invalid as error:
            form.refuse(error)
        else:
            flash(f"The group is now called “{group.name}”.", "ok")
            return redirect(url_for("affiliates.group_list"))
    size = groups.size(db(), group)
    return render_template("affiliates/group.html", form=form, group=group, size=size, press=PressForm())


@blueprint.post("/affiliates/groups/<int:key>/delete")
@needs("edit_all")
def delete_group(key: int) -> Response:
    group = groups.remove(db(), me(), key)
    flash(f"The group “{group.name}” is gone. Its affiliates stay, and are in no group.", "ok")
    return redirect(url_for("affiliates.group_list"))


def _page(form: GroupForm) -> str:
    return render_template("affiliates/groups.html", form=form, groups=groups.with_sizes(db()))
