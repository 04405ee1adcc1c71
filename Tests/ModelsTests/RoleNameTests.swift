// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct RoleNameTests {
    @Test(arguments: ["a", "admin", "billing.read-only", "a_b-c.d9", String(repeating: "a", count: 64)])
    func init_whenTextIsAName_keepsIt(text: String) {
        #expect(RoleName(text)?.text == text)
        #expect(RoleName(text)?.description == text)
    }

    /// Names that look like another, or like more than one, are none.
    @Test(arguments: [
        "", "Admin", "admin ", " admin", "admin\n", "\u{430}dmin", "ad\u{200B}min", "1admin", "-a", ".a", "_a", "a b",
        "a:b", "a,b", "*", "a\0", "\u{E9}", "a\u{301}", String(repeating: "a", count: 65),
    ])
    func init_whenTextIsNoName_isNil(text: String) {
        #expect(RoleName(text) == nil)
    }

    @Test(arguments: [BuiltIn.Role.admin, BuiltIn.Role.user])
    func builtInRoles_areNames(name: String) {
        #expect(RoleName(name) != nil)
    }
}
