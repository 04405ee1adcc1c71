// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Testing

@Suite struct APIKeyTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    @Test(
        arguments: [
            (nil, false), (now + .microseconds(1), false), (now, true), (now - .microseconds(1), true),
        ] as [(Timestamp?, Bool)]
    )
    func isExpired_fromTheInstantItself(expiresAt: Timestamp?, isExpired: Bool) {
        let key = APIKey(
            id: .make(at: Self.now),
            ownerID: .make(at: Self.now),
            name: "deploy",
            prefix: "pst",
            lastFour: "abcd",
            grants: Grants(),
            createdAt: Self.now - .seconds(60),
            expiresAt: expiresAt,
            lastUsedAt: nil,
            useCount: 0
        )
        #expect(key.isExpired(at: Self.now) == isExpired)
    }
}
