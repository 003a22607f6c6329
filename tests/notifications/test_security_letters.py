"""What the owner of an account is told of its second step."""

from app.accounts.services import totp
from app.events.actor import Actor
from tests.accounts.authenticator import turned_on
from tests.factories import a_doctor, an_admin, run_jobs
from tests.notifications.office import newest_to, says
from tests.surroundings import PostOffice


async def test_the_owner_hears_of_each_change_of_the_second_step(post_office: PostOffice) -> None:
    meera = await a_doctor()
    _, codes = await turned_on(meera)
    await run_jobs()
    says(newest_to(post_office, meera), "asks for a code of your authenticator app", "/me/security")
    assert newest_to(post_office, meera)["Subject"] == "Your second step is on"

    assert await totp.check(meera.id, codes[0])
    await run_jobs()
    says(
        newest_to(post_office, meera),
        "one of your recovery codes was used",
        "You have 9 recovery codes left.",
    )
    assert newest_to(post_office, meera)["Subject"] == "A recovery code was used"

    fresh = await totp.new_recovery_codes(await meera.account())
    await run_jobs()
    says(newest_to(post_office, meera), "new recovery codes were made")
    for letter in post_office.letters:
        assert not [code for code in codes + fresh if code in letter.as_string()]

    await totp.turn_off(meera.id, by=Actor(meera.id, "doctor"))
    await run_jobs()
    says(newest_to(post_office, meera), "no longer asks for a code of your authenticator app")


async def test_a_second_step_taken_away_by_the_administrator_is_said_to_be_so(
    post_office: PostOffice,
) -> None:
    meera, admin = await a_doctor(), await an_admin()
    await turned_on(meera)
    await run_jobs()
    await totp.turn_off(meera.id, by=(await admin.account()).actor)
    await run_jobs()
    says(newest_to(post_office, meera), "the administrator took the authenticator app away")
    assert not [letter for letter in post_office.letters if letter["To"] == admin.email]
