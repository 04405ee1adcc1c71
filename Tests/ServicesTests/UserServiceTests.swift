// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct UserServiceTests {
    private static let grants = Grants(roles: ["user", "ops"], permissions: ["x:r"])

    private let installation: Installation
    private let user: User
    private let service: UserService

    init() throws {
        installation = try Installation()
        user = try installation.addUser(grants: Self.grants)
        service = UserService(users: installation.users)
    }

    private func token(_ grants: Grants) -> Principal {
        Principal(userID: user.id, credential: .accessToken(session: .make(at: Timestamp(seconds: 0))), grants: grants)
    }

    private func key(_ grants: Grants) -> Principal {
        Principal(userID: user.id, credential: .apiKey(.make(at: Timestamp(seconds: 0))), grants: grants)
    }

    @Test func profile_ofAToken_showsWhatTheUserHoldsNow() async throws {
        #expect(
            try await service.profile(of: token(Grants(roles: ["old"]))) == UserProfile(user: user, grants: Self.grants)
        )
    }

    @Test func profile_ofAKey_showsWhatTheKeyMayDo() async throws {
        let grants = Grants(roles: ["ops"])
        #expect(try await service.profile(of: key(grants)) == UserProfile(user: user, grants: grants))
    }

    @Test func profile_whenTheUserIsInactiveOrGone_isUnauthenticated() async throws {
        try installation.deactivate(user)
        #expect(await failure { try await service.profile(of: token(Self.grants)) }?.code == .unauthenticated)
        #expect(await failure { try await service.profile(of: key(Self.grants)) }?.code == .unauthenticated)
        installation.users.remove(user.id)
        #expect(await failure { try await service.profile(of: token(Self.grants)) }?.code == .unauthenticated)
    }
}
