// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Testing

@Suite struct PreconditionTests {
    @Test func check_throwsWhatTheBodyThrowsOfTheEntity() throws {
        let precondition = Precondition<Int> { present throws(DomainError) in
            guard present == 1 else { throw DomainError(.staleVersion, "It has changed.") }
        }
        try precondition.check(1)
        #expect { try precondition.check(2) } throws: { ($0 as? DomainError)?.code == .staleVersion }
    }

    @Test func none_asksNothing() throws {
        try Precondition<Int>.none.check(1)
    }
}
