// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct RevocationServiceTests {
    private let repository = InMemoryRevocationRepository()
    private let list = RevocationList()
    private let clock = FixedClock()
    private let session = Identifier<Session>.make(at: Timestamp(seconds: 0))
    private let user = Identifier<User>.make(at: Timestamp(seconds: 0))

    private func service() -> RevocationService {
        RevocationService(
            revocations: repository,
            list: list,
            clock: clock,
            logger: Installation.logger
        )
    }

    private func standing() throws(DomainError) -> RevocationList.Standing {
        try list.standing(session: session, user: user, issuedAt: clock.now())
    }

    @Test func standing_beforeTheFirstLoad_isUnavailable() async throws {
        #expect(await failure { try standing() }?.code == .unavailable)
        repository.outage.begin()
        #expect(await failure { try await service().load() }?.code == .unavailable)
        #expect(await failure { try standing() }?.code == .unavailable)
        repository.outage.end()
        try await service().load()
        #expect(try standing() == .good)
    }

    @Test func load_readsAllPages() async throws {
        for _ in 0..<25 { repository.note(.session, Identifier<Session>.make(at: clock.now()).uuid) }
        repository.note(.session, session.uuid)
        try await service().load()
        #expect(try standing() == .ended)
    }

    @Test func load_again_readsWhatIsNew() async throws {
        let service = service()
        try await service.load()
        repository.note(.session, session.uuid)
        try await service.load()
        #expect(try standing() == .ended)
    }

    @Test func age_isChecked_fromTheBeginningOfTheLastReadingThatSucceeded() async throws {
        let service = service()
        #expect(await failure { try service.checkAge() }?.code == .unavailable)
        let before = MonotonicTime.now()
        try await service.load()
        let after = MonotonicTime.now()
        try service.checkAge(at: before + RevocationService.maximumAge)
        repository.outage.begin()
        #expect(await failure { try await service.load() }?.code == .unavailable)
        let late = after + RevocationService.maximumAge + .milliseconds(1)
        #expect(await failure { try service.checkAge(at: late) }?.code == .unavailable)
        repository.outage.end()
        try await service.load()
        try service.checkAge()
    }

    @Test func load_fromAServerThatLacksTheLastTransactions_isAGap() async throws {
        let service = service()
        repository.note(.user, user.uuid)
        try await service.load()
        let (revision, key) = (list.revision, Identifier<APIKey>.make(at: clock.now()))
        try await service.load()
        #expect(list.isCurrent(revision, of: key, ownedBy: user))
        repository.lose()
        try await service.load()
        #expect(!list.isCurrent(revision, of: key, ownedBy: user))
        #expect(list.isCurrent(list.revision, of: key, ownedBy: user))
    }

    @Test func load_duringAnOutage_keepsWhatIsKnown() async throws {
        let service = service()
        repository.note(.session, session.uuid)
        try await service.load()
        repository.outage.begin()
        #expect(await failure { try await service.load() }?.code == .unavailable)
        #expect(try standing() == .ended)
    }

    @Test func removeExpired_forgetsOnlyWhatConcernsNoLivingToken() async throws {
        let service = service()
        repository.note(.session, session.uuid)
        try await service.load()
        clock.advance(by: TokenConfiguration.maximumAccessTokenTTL)
        try await service.removeExpired(at: clock.now())
        #expect(try standing() == .ended)
        #expect(repository.removedBefore == clock.now() - RevocationList.memory)
        clock.advance(by: .seconds(2 * 3600))
        try await service.removeExpired(at: clock.now())
        #expect(try standing() == .good)
    }
}
