// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct ChangeTests {
    @Test func applied_isTheNewValueOrElseThePresentOne() {
        #expect(Change.keep.applied(to: 1) == 1)
        #expect(Change.set(2).applied(to: 1) == 2)
    }

    @Test func applied_tellsNothingSaidFromSetToNothing() {
        #expect(Change<Int?>.keep.applied(to: 1) == 1)
        #expect(Change<Int?>.set(nil).applied(to: 1) == nil)
    }
}
