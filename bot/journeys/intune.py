"""The journeys between Countersign and Intune: reading, filing, completing, carrying decisions."""

from functools import cached_property

from bot.journeys.ground import GroundJourneys
from handlers.carrying.carrying import Carrying
from handlers.filing.completing import Completing
from handlers.filing.dropping import Dropping
from handlers.filing.filing import FilingOrders
from handlers.filing.obstacles import Obstacles
from handlers.filing.pushing import Pushing
from handlers.filing.tracking import Tracking
from handlers.intune.awaiting import Awaiting
from handlers.intune.away import Away
from handlers.intune.calls import Calls
from handlers.intune.direct_actions import DirectActions
from handlers.intune.following import Following
from handlers.intune.lead import Lead
from handlers.intune.looking import Looking
from handlers.intune.looking_at_all import LookingAtAll
from handlers.intune.own_filings import OwnFilings
from handlers.intune.policy_watch import PolicyWatch
from handlers.intune.poll import Poll
from handlers.intune.recovering import Recovering
from handlers.intune.rereading import Rereading
from handlers.intune.taking_in import Doubting, TakingIn
from handlers.intune.unlisted import Unlisted


class IntuneJourneys(GroundJourneys):
    """The journeys between Countersign and Intune: reading, filing, completing, carrying decisions."""

    @cached_property
    def awaiting(self) -> Awaiting:
        return Awaiting(self.commits, self.looking)

    @cached_property
    def away(self) -> Away:
        return Away(self._ports.clock, self.lead, self._ports.intune)

    @cached_property
    def following(self) -> Following:
        return Following(self._ports.clock, self.policy, self.commits, self.eligibilities)

    @cached_property
    def lead(self) -> Lead:
        return Lead(self._ports.poll_state, self._ports.replica)

    @cached_property
    def looking(self) -> Looking:
        return Looking(self._ports.requests, self._ports.intune, self.snapshots, self.following, self.own_filings)

    @cached_property
    def looking_at_all(self) -> LookingAtAll:
        return LookingAtAll(self._ports.requests, self.poll, self.looking, self.away)

    @cached_property
    def direct_actions(self) -> DirectActions:
        return DirectActions(
            self._ports.clock, self._ports.requests, self._ports.intune, self._ports.book, self.commits
        )

    @cached_property
    def own_filings(self) -> OwnFilings:
        return OwnFilings(
            self._ports.requests, self._ports.intune, self._ports.orders, self._ports.room, self.calls, self.commits
        )

    @cached_property
    def poll(self) -> Poll:
        return Poll(
            self._ports.clock,
            self._ports.poll_state,
            self._ports.intune,
            self.lead,
            self.policy_watch,
            self.taking_in,
            self.unlisted,
        )

    @cached_property
    def policy_watch(self) -> PolicyWatch:
        return PolicyWatch(
            self._ports.clock,
            self._ports.memory,
            self._ports.access_policies,
            self._ports.intune,
            self._ports.brakes,
            self._ports.outbox,
        )

    @cached_property
    def recovering(self) -> Recovering:
        return Recovering(
            self._ports.clock,
            self._ports.requests,
            self._ports.losses,
            self._ports.outbox,
            self.commits,
            self.looking_at_all,
        )

    @cached_property
    def rereading(self) -> Rereading:
        return Rereading(self.subjects, self.policy, self.commits)

    @cached_property
    def doubting(self) -> Doubting:
        return Doubting(self._ports.requests, self.own_filings, self._ports.continuity)

    @cached_property
    def taking_in(self) -> TakingIn:
        return TakingIn(
            self._ports.requests, self.own_filings, self.doubting, self.snapshots, self.following, self.away
        )

    @cached_property
    def unlisted(self) -> Unlisted:
        return Unlisted(self._ports.requests, self._ports.intune, self.rereading, self.away)

    @cached_property
    def calls(self) -> Calls:
        return Calls(self._ports.orders)

    @cached_property
    def completing(self) -> Completing:
        return Completing(
            self._ports.requests,
            self._ports.brakes,
            self._ports.orders,
            self._ports.room,
            self.commits,
            self.looking,
            self.own_filings,
        )

    @cached_property
    def dropping(self) -> Dropping:
        return Dropping(self._ports.room, self.commits, self.looking)

    @cached_property
    def filing_orders(self) -> FilingOrders:
        return FilingOrders(self._ports.room, self.commits, self.looking, self.obstacles, self.calls)

    @cached_property
    def obstacles(self) -> Obstacles:
        return Obstacles(self._ports.requests, self._ports.orders, self.rereading, self.own_filings)

    @cached_property
    def pushing(self) -> Pushing:
        return Pushing(self.commits, self.filing_orders, self.completing)

    @cached_property
    def tracking(self) -> Tracking:
        return Tracking(self._ports.orders, self.commits)

    @cached_property
    def carrying(self) -> Carrying:
        return Carrying(
            self._ports.intune, self.commits, self.eligibilities, self.looking, self.filing_orders, self.completing
        )
