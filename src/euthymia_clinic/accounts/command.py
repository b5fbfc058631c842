"""`euthymia site`: the first step of a clinic, before anybody can sign in."""

from typing import Annotated

import typer


def site(
    name: Annotated[str, typer.Argument(help="What the clinic is called.")],
    administrator: Annotated[str, typer.Option(help="The e-mail address of its first administrator, who invites everybody else.")],
    person: Annotated[str, typer.Option(help="The name of that person.")],
    zone: Annotated[str, typer.Option(help="Where it is, as Europe/Madrid: days and hours follow from it.")],
) -> None:
    """Make a site with its first administrator, and print the link at which that person sets a password."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    from euthymia.cli.asking import stop
    from euthymia_clinic.accounts.actions import open_site
    from euthymia_clinic.accounts.adapter import link_to_set_password
    from euthymia_clinic.accounts.permissions import PeopleError
    from euthymia_clinic.audit.actor import system

    try:
        user = open_site(system("site"), name, zone, administrator, person).user
    except PeopleError as error:
        stop(str(error))
    typer.echo(f"{name} is there. Its administrator is {user.email}.")
    if not user.has_usable_password():
        token = default_token_generator.make_token(user)
        typer.echo(f"They set a password here, once: {link_to_set_password(user_pk_to_url_str(user), token)}")
