// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Testing

@Suite struct AccessRuleTests {
    private static let token = Principal.Credential.accessToken(session: .make(at: Timestamp(seconds: 0)))
    private static let key = Principal.Credential.apiKey(.make(at: Timestamp(seconds: 0)))

    private func refusal(
        _ rule: AccessRule,
        _ credential: Principal.Credential,
        _ grants: Grants = Grants()
    ) -> DomainError? {
        do {
            try rule.check(Principal(userID: .make(at: Timestamp(seconds: 0)), credential: credential, grants: grants))
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (AccessRule.Strategy.accessToken, token, nil), (.accessToken, key, .unauthenticated),
            (.apiKey, token, .unauthenticated), (.apiKey, key, nil), (.either, token, nil), (.either, key, nil),
        ] as [(AccessRule.Strategy, Principal.Credential, ErrorCode?)]
    )
    func check_takesTheCredentialsOfItsStrategy(
        strategy: AccessRule.Strategy,
        credential: Principal.Credential,
        code: ErrorCode?
    ) {
        #expect(refusal(AccessRule(strategy), credential)?.code == code)
    }

    @Test(arguments: [token, key])
    func check_wantsEveryRoleAndEveryPermission(credential: Principal.Credential) {
        let rule = AccessRule(.either, roles: ["a", "b"], permissions: ["x:r", "x:w"])
        for roles in [[], ["a"], ["b"], ["a", "b"], ["a", "b", "c"]] {
            for permissions in [[], ["x:r"], ["x:w"], ["x:r", "x:w"], ["x:r", "x:w", "x:d"]] {
                let isEnough = roles.count >= 2 && permissions.count >= 2
                let refusal = refusal(rule, credential, Grants(roles: Set(roles), permissions: Set(permissions)))
                #expect(refusal?.code == (isEnough ? nil : .forbidden), "\(roles) \(permissions)")
            }
        }
    }

    @Test func check_namesWhatIsMissingFirst() {
        let rule = AccessRule(.either, roles: ["b", "a"], permissions: ["x:w", "x:r"])
        #expect(refusal(rule, Self.token)?.detail == "The role a is required.")
        #expect(refusal(rule, Self.token, Grants(roles: ["a"]))?.detail == "The role b is required.")
        #expect(refusal(rule, Self.token, Grants(roles: ["a", "b"]))?.detail == "The permission x:r is required.")
    }

    @Test func check_looksAtTheCredentialBeforeTheGrants() {
        #expect(refusal(AccessRule(.apiKey, roles: ["a"]), Self.token)?.code == .unauthenticated)
    }

    @Test func check_doesNotTakeARoleForAPermission() {
        let grants = Grants(roles: ["x:r"], permissions: ["admin"])
        #expect(refusal(AccessRule(.either, roles: ["admin"]), Self.token, grants)?.code == .forbidden)
        #expect(refusal(AccessRule(.either, permissions: ["x:r"]), Self.token, grants)?.code == .forbidden)
    }

    @Test func check_wantsMoreOfAnAPIKeyThanOfAToken() {
        let rule = AccessRule(.either, permissions: ["x:r"], apiKeyPermissions: ["x:w"])
        let (some, all) = (Grants(permissions: ["x:r"]), Grants(permissions: ["x:r", "x:w"]))
        #expect(refusal(rule, Self.token, some) == nil)
        #expect(refusal(rule, Self.key, some)?.detail == "The permission x:w is required.")
        #expect(refusal(rule, Self.key, Grants(permissions: ["x:w"]))?.detail == "The permission x:r is required.")
        #expect(refusal(rule, Self.key, all) == nil)
    }
}
