// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct GrantsTests {
    private static let some = Grants(roles: ["a", "b"], permissions: ["x:r", "x:w"])

    @Test(arguments: [
        (some, some, some),
        (some, Grants(), Grants()),
        (Grants(), some, Grants()),
        (some, Grants(roles: ["b", "c"], permissions: ["x:w"]), Grants(roles: ["b"], permissions: ["x:w"])),
        (some, Grants(roles: ["x:r"], permissions: ["a"]), Grants()),
    ])
    func limited_isWhatBothHold(grants: Grants, other: Grants, result: Grants) {
        #expect(grants.limited(to: other) == result)
    }
}
