// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct SigningKeyScheduleTests {
    private let schedule = SigningKeySchedule()
    private let start = Timestamp(seconds: 1_800_000_000)

    /// A key that signs from `start` on.
    private func key(
        _ kid: String = "key",
        from offset: Duration = .zero,
        until end: Duration? = nil
    ) -> SigningKeyRecord {
        SigningKeyRecord(
            kid: kid,
            wrappedPrivateKey: [],
            createdAt: start - .seconds(3600),
            activatesAt: start + offset,
            retiredAt: end.map { start + $0 }
        )
    }

    private func stage(_ key: SigningKeyRecord, after offset: Duration) -> SigningKeySchedule.Stage {
        schedule.stage(of: key, at: start + offset)
    }

    @Test func stage_followsFromTheInstantsAlone() {
        let end = Duration.seconds(1000)
        let afterlife = Duration.seconds(86_400 + 900)
        let key = key(until: end)
        #expect(stage(key, after: .microseconds(-1)) == .published)
        #expect(stage(key, after: .zero) == .signing)
        #expect(stage(key, after: end - .microseconds(1)) == .signing)
        #expect(stage(key, after: end) == .verifying)
        #expect(stage(key, after: end + afterlife - .microseconds(1)) == .verifying)
        #expect(stage(key, after: end + afterlife) == .gone)
    }

    @Test func stage_ofAKeyWithoutAnEnd_isSigningForEver() {
        #expect(stage(key(), after: .seconds(100 * 366 * 86_400)) == .signing)
    }

    @Test func steps_whenThereIsNoKey_makeTheFirst() {
        #expect(schedule.steps(for: [], at: start) == [.makeFirst])
    }

    @Test func steps_whenEveryKeyHasAnEnd_makeTheFirst() {
        #expect(schedule.steps(for: [key(until: .seconds(1))], at: start) == [.makeFirst])
    }

    @Test func steps_publishTheSuccessorAnHourBeforeTheKeyIsNinetyDaysOld() {
        let due = start + .seconds(90 * 86_400 - 3600)
        #expect(schedule.steps(for: [key()], at: due - .microseconds(1)) == [])
        #expect(schedule.steps(for: [key()], at: due) == [.publishSuccessor(of: "key")])
        #expect(schedule.steps(for: [key()], at: due + .seconds(366 * 86_400)) == [.publishSuccessor(of: "key")])
    }

    @Test func steps_whenTheSuccessorIsPublished_areNone() {
        let keys = [key("old", until: .seconds(90 * 86_400)), key("new", from: .seconds(90 * 86_400))]
        for day in [Int64(89), 90, 91] {
            #expect(schedule.steps(for: keys, at: start + .seconds(day * 86_400 - 3600)) == [])
        }
    }

    @Test func steps_removeAKeyWhoseLastTokenIsDead() {
        let keys = [key("old", until: .seconds(10)), key("new", from: .seconds(10))]
        let dead = start + .seconds(10 + 86_400 + 900)
        #expect(schedule.steps(for: keys, at: dead - .microseconds(1)) == [])
        #expect(schedule.steps(for: keys, at: dead) == [.removeRetired(by: start + .seconds(10))])
    }

    /// Token life is a setting: a key must outlive the longest that can be set, and what resource servers allow for
    /// clocks.
    @Test func afterlife_isLongerThanAnyTokenLives() {
        #expect(SigningKeySchedule.afterlife >= TokenConfiguration.maximumAccessTokenTTL + .seconds(900))
    }
}
