// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Services
import Testing

import struct FoundationEssentials.UUID

@Suite struct RevocationCursorTests {
    private var cursor = RevocationCursor()

    private func revocation(_ transaction: Int64) -> Revocation {
        Revocation(transaction: transaction, kind: "user", subject: UUID())
    }

    private func page(horizon: Int64, _ revocations: Revocation..., isFull: Bool = false) -> RevocationPage {
        RevocationPage(horizon: horizon, revocations: revocations, isFull: isFull)
    }

    @Test mutating func take_givesEachRevocationOnce() {
        let (first, second) = (revocation(5), revocation(8))
        #expect(cursor.take(page(horizon: 4, first)).new == [first])
        #expect(cursor.start == 4)
        let next = cursor.take(page(horizon: 9, first, second))
        #expect(next.new == [second])
        #expect(next.isRoundOver)
        #expect(cursor.start == 9)
    }

    @Test mutating func take_ofATransactionThatCommitsLate_isNotMissed() {
        let (early, late) = (revocation(8), revocation(5))
        // Transaction 5 still runs.
        #expect(cursor.take(page(horizon: 5, early)).new == [early])
        #expect(cursor.start <= 5)
        #expect(cursor.take(page(horizon: 9, late, early)).new == [late])
    }

    @Test mutating func take_ofAFullPage_goesOnBehindIt_andEndsAtItsHorizon() {
        let (first, second) = (revocation(5), revocation(6))
        #expect(!cursor.take(page(horizon: 7, first, isFull: true)).isRoundOver)
        #expect(cursor.start == 0)
        #expect(cursor.last == first)
        // What committed between the pages may lie before the first: the horizon is that of the first page.
        let next = cursor.take(page(horizon: 20, second))
        #expect(next.isRoundOver)
        #expect(next.new == [second])
        #expect(cursor.start == 7)
        #expect(cursor.last == nil)
    }

    @Test mutating func take_whenTransactionsHaveGoneBack_beginsAgain() {
        let (first, other) = (revocation(5), revocation(4))
        #expect(cursor.take(page(horizon: 100, first)).isRoundOver)
        let back = cursor.take(page(horizon: 50))
        #expect(!back.isRoundOver)
        #expect(cursor.start == 0)
        #expect(cursor.take(page(horizon: 50, other, first)).new == [other, first])
        #expect(cursor.start == 50)
    }
}
