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

    private func service(patience: Duration = .seconds(60)) -> RevocationService {
        RevocationService(
            revocations: repository,
            list: list,
            patience: patience,
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

    @Test func load_thatIsNotAnswered_failsInTime_andTheNextOneSucceeds() async throws {
        let service = service(patience: .milliseconds(1))
        repository.hang()
        #expect(await failure { try await service.load() }?.code == .unavailable)
        repository.answer()
        repository.note(.session, session.uuid)
        try await self.service().load()
        #expect(try standing() == .ended)
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
