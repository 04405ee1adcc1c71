// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Synchronization
import Testing

@Suite struct AuditServiceTests {
    private let installation: Installation

    init() throws {
        installation = try Installation()
    }

    private var audit: InMemoryAuditRepository { installation.audit }

    private func service(retention: String) throws -> AuditService {
        AuditService(
            audit: audit,
            configuration: try AuditConfiguration(Settings(environment: [SettingKey.auditRetention: retention])),
            clock: installation.clock,
            logger: Installation.logger
        )
    }

    @Test func keepPartitions_makesThisMonthAndTwoMore_andThoseOfEventsThatHaveNone() async throws {
        let now = installation.clock.now()
        let (older, old) = (now - .seconds(90 * 86_400), now - .seconds(60 * 86_400))
        audit.partitions.withLock { $0.missing = [old, older] }
        try await service(retention: "10d").keepPartitions()
        let made = audit.partitions.withLock { $0.made }
        #expect(made == [now: [0, 1, 2], older: [0], old: [0]])
    }

    @Test func keepPartitions_dropsAllThatIsOlderThanIsKept() async throws {
        audit.partitions.withLock { $0.old = ["a", "b"] }
        try await service(retention: "10d").keepPartitions()
        let (old, droppedBefore) = audit.partitions.withLock { ($0.old, $0.droppedBefore) }
        #expect(old.isEmpty)
        #expect(droppedBefore == [installation.clock.now() - .seconds(10 * 86_400)])
    }

    @Test func keepPartitions_whenEverythingIsKept_dropsNothing() async throws {
        audit.partitions.withLock { $0.old = ["a"] }
        try await service(retention: "0s").keepPartitions()
        #expect(audit.partitions.withLock { $0.old } == ["a"])
    }

    @Test func change_whenRecordingItFails_isNotMade() async throws {
        let user = try await installation.userService.create(
            NewUser(email: try #require(EmailAddress("ada@example.com"))),
            by: .shell
        ).user
        audit.outage.begin()
        let error = await failure { try await installation.userService.delete(user.id, by: .shell) }
        #expect(error?.code == .unavailable)
        #expect(try installation.users.profile(of: user.id) != nil)
    }
}
