// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct PermissionNameTests {
    @Test(arguments: [
        ("users:read", "users", "read"), ("api_keys:manage", "api_keys", "manage"), ("a.b-c_1:d9", "a.b-c_1", "d9"),
        ("a:b", "a", "b"),
    ])
    func init_whenTextIsAName_readsAndPrintsIt(text: String, resource: String, action: String) {
        #expect(PermissionName(text) == PermissionName(resource: resource, action: action))
        #expect(PermissionName(text)?.resource == resource)
        #expect(PermissionName(text)?.action == action)
        #expect(PermissionName(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "users", "users:", ":read", "users:read:all", "users::read", "Users:read", "users:Read", "1users:read",
        "_users:read", "users:-read", "users:re ad", " users:read", "users:read ", "users:*", "*", "users:r\u{E9}ad",
        "users:read\0", "users:\u{301}read",
    ])
    func init_whenTextIsNoName_isNil(text: String) {
        #expect(PermissionName(text) == nil)
    }

    @Test func init_takesPartsOf64Bytes() {
        let longest = String(repeating: "a", count: 64)
        #expect(PermissionName("\(longest):\(longest)") != nil)
        #expect(PermissionName("\(longest)a:b") == nil)
        #expect(PermissionName("b:\(longest)a") == nil)
    }

    @Test(arguments: [
        BuiltIn.Permission.usersRead, BuiltIn.Permission.usersWrite, BuiltIn.Permission.usersDelete,
        BuiltIn.Permission.rolesRead, BuiltIn.Permission.rolesWrite, BuiltIn.Permission.rolesDelete,
        BuiltIn.Permission.rolesAssign, BuiltIn.Permission.permissionsRead, BuiltIn.Permission.permissionsWrite,
        BuiltIn.Permission.apiKeysManage, BuiltIn.Permission.tokensIntrospect,
    ])
    func builtInPermissions_areNames(name: String) {
        #expect(PermissionName(name) != nil)
    }
}
