// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Testing

@Suite struct APIKeyCheckTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private func check(
        isOwnerActive: Bool = true,
        expiresAt: Timestamp? = nil,
        key: Grants = Grants(),
        owner: Grants = Grants()
    ) -> APIKeyCheck {
        APIKeyCheck(
            id: .make(at: Self.now),
            ownerID: .make(at: Self.now),
            isOwnerActive: isOwnerActive,
            expiresAt: expiresAt,
            keyGrants: key,
            ownerGrants: owner
        )
    }

    @Test(
        arguments: [
            (true, nil, true), (true, now + .microseconds(1), true), (true, now, false),
            (true, now - .microseconds(1), false),
            (false, nil, false), (false, now + .seconds(1), false),
        ] as [(Bool, Timestamp?, Bool)]
    )
    func isUsable_needsAnActiveOwnerAndTimeLeft(isOwnerActive: Bool, expiresAt: Timestamp?, isUsable: Bool) {
        #expect(check(isOwnerActive: isOwnerActive, expiresAt: expiresAt).isUsable(at: Self.now) == isUsable)
    }

    @Test func effectiveGrants_areNeverBeyondTheOwners() {
        let check = check(
            key: Grants(roles: ["admin", "user"], permissions: ["x:r", "x:w"]),
            owner: Grants(roles: ["user", "other"], permissions: ["x:r", "y:r"])
        )
        #expect(check.effectiveGrants == Grants(roles: ["user"], permissions: ["x:r"]))
    }
}
