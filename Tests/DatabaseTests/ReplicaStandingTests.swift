// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

/// When a replica is asked, and what is said of it.
@Suite struct ReplicaStandingTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func ask(_ standing: inout ReplicaStanding, at instants: [MonotonicTime]) -> [Bool] {
        instants.map { standing.mayAsk(at: $0) }
    }

    @Test func mayAsk_asLongAsItIsOfUse_isAlwaysTrue() {
        var standing = ReplicaStanding()
        #expect(ask(&standing, at: [start, start]) == [true, true])
        let isReported = standing.succeeded()
        #expect(!isReported)
        #expect(ask(&standing, at: [start]) == [true])
    }

    @Test func mayAsk_afterAFailure_isTrueForOneCallerInEachRest() {
        var standing = ReplicaStanding()
        _ = standing.failed(at: start)
        let later = start + ReplicaStanding.rest
        let answers = ask(&standing, at: [start, later, later, later + ReplicaStanding.rest])
        #expect(answers == [false, true, false, true])
    }

    @Test func mayAsk_afterASuccess_isTrueAgain() {
        var standing = ReplicaStanding()
        _ = standing.failed(at: start)
        _ = standing.succeeded()
        #expect(ask(&standing, at: [start]) == [true])
    }

    @Test func failed_forLong_isReportedOnce_andItsEndToo() {
        var standing = ReplicaStanding()
        let late = start + ReplicaStanding.bound
        let failures = [start, late, late + ReplicaStanding.bound].map { standing.failed(at: $0) }
        #expect(failures == [false, true, false])
        let successes = [standing.succeeded(), standing.succeeded()]
        #expect(successes == [true, false])
    }

    @Test func failed_nowAndThen_isNotReported() {
        var standing = ReplicaStanding()
        for number in 0..<10 {
            let reports = [standing.failed(at: start + ReplicaStanding.bound * number), standing.succeeded()]
            #expect(reports == [false, false])
        }
    }
}
