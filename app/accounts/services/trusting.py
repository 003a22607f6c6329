"""Making a browser a known one by a letter, for owners whom others' wrong passwords hold off."""

from uuid import UUID

from app.accounts.errors import LinkSpent, OtherBrowser
from app.accounts.services.identifying import identify
from app.accounts.services.known_devices import learn_device
from app.accounts.services.proofs import count_letter, find_proof, new_proof, use_proof
from app.accounts.where import Where
from app.db.engine import transaction
from app.events.actor import STRANGER
from app.events.names import DEVICE_TRUST_ASKED, DEVICE_TRUSTED
from app.events.services import publish

TRUST = "trust_device"


async def ask_trust(identifier: str, *, where: Where) -> None:
    """Send the owner of an e-mail address or mobile a link that makes the asking browser a known one.

    Whether one goes out is not said. Raises TooMany, for known and unknown alike.
    """
    whom = await identify(identifier, where.device_id)
    await count_letter(TRUST, whom.fingerprint.hex(), address=where.address)
    for user_id in whom.accounts:
        async with transaction():
            proof_id = await new_proof(user_id, TRUST, device_id=where.device_id)
            await publish(DEVICE_TRUST_ASKED, user_id, by=STRANGER, facts={"confirmation_id": proof_id})


async def trust_device(token: str, *, where: Where) -> UUID:
    """Know a browser from now on by the link of a letter, in the browser that asked for it alone.

    Gives the account's id; nobody is logged in by it. Raises LinkSpent, OtherBrowser.
    """
    proof = await find_proof(token, TRUST)
    if proof is None:
        raise LinkSpent
    if proof.device_id is None or proof.device_id != where.device_id:
        raise OtherBrowser
    async with transaction():
        if not await use_proof(proof.id):
            raise LinkSpent
        await learn_device(proof.user_id, proof.device_id, address=where.address, device=where.device)
        facts = {"device_id": proof.device_id}
        await publish(DEVICE_TRUSTED, proof.user_id, by=STRANGER, facts=facts)
    return proof.user_id
