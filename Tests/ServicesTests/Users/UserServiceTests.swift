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
        installation.addRole("ops", Self.grants.permissions)
        user = try installation.addUser(roles: Self.grants.roles)
        service = installation.userService
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
        try installation.remove(user)
        #expect(await failure { try await service.profile(of: token(Self.grants)) }?.code == .unauthenticated)
    }

    @Test func changeOwn_changesTheNameAlone() async throws {
        installation.clock.advance(by: .seconds(1))
        let changed = try await service.changeOwn(token(Self.grants), displayName: .set("Ada L."))
        #expect(changed.user.displayName == "Ada L.")
        #expect(changed.user.email == user.email && changed.user.isEmailVerified && changed.user.isActive)
        #expect(changed.user.updatedAt == user.updatedAt + .seconds(1))
        #expect(try installation.profile(of: user) == changed)
        #expect(try await service.changeOwn(key(Grants()), displayName: .set(nil)).user.displayName == nil)
    }

    @Test func changeOwn_byAKey_showsWhatTheKeyMayDo() async throws {
        let seen = UserProfile(user: user, grants: Grants(roles: ["ops"]))
        let precondition = Precondition<UserProfile> { profile throws(DomainError) in
            guard profile == seen else { throw DomainError(.staleVersion, "It has changed.") }
        }
        let changed = try await service.changeOwn(key(seen.grants), displayName: .set("A"), if: precondition)
        #expect(changed.grants == seen.grants)
    }

    @Test func changeOwn_whenWhatTheCallerSawIsOld_changesNothing() async throws {
        let error = await failure {
            try await service.changeOwn(token(Self.grants), displayName: .set("A"), if: .fails())
        }
        #expect(error?.code == .staleVersion)
        #expect(try installation.profile(of: user).user == user)
    }

    @Test func changeOwn_whenTheUserIsInactiveOrGone_isUnauthenticated() async throws {
        func code() async -> ErrorCode? {
            await failure { try await service.changeOwn(token(Self.grants), displayName: .set("A")) }?.code
        }
        try installation.deactivate(user)
        #expect(await code() == .unauthenticated)
        try installation.remove(user)
        #expect(await code() == .unauthenticated)
    }

    @Test func find_byIdOrAddress_isTheUserWithGrants() async throws {
        let profile = UserProfile(user: user, grants: Self.grants)
        #expect(try await service.find(user.id) == profile)
        #expect(try await service.find(email: user.email) == profile)
        try installation.remove(user)
        #expect(await failure { try await service.find(user.id) }?.code == .notFound)
        #expect(await failure { try await service.find(email: user.email) }?.code == .notFound)
    }

    @Test func list_passesTheFilterOnAndSaysWhetherMoreFollow() async throws {
        try installation.addUser("grace", isActive: false)
        let active = try await service.list(UserFilter(isActive: true), after: nil, limit: 2)
        #expect(active.items.map(\.user) == [user] && !active.hasMore)
        #expect(active.items.map { Set($0.roles) } == [Self.grants.roles])
        let first = try await service.list(UserFilter(), after: nil, limit: 1)
        let second = try await service.list(UserFilter(), after: first.items.last?.place, limit: 1)
        #expect(first.hasMore && !second.hasMore)
        #expect(Set((first.items + second.items).map(\.user.id)).count == 2)
    }

    @Test(arguments: [UserFilter(text: "a"), UserFilter(isActive: true), UserFilter(text: "a", isActive: false)])
    func list_ofARoleBesideAnotherFilter_namesTheField(filter: UserFilter) async throws {
        var filter = filter
        filter.role = try installation.role("ops").id
        let error = await failure { [filter] in try await service.list(filter, after: nil, limit: 1) }
        #expect(error?.fields.map(\.name) == ["role_id"])
        let alone = UserFilter(role: filter.role)
        #expect(try await service.list(alone, after: nil, limit: 1).items.map(\.user.id) == [user.id])
    }

    @Test func roles_ofAUser_goPageByPage() async throws {
        let first = try await service.roles(of: user.id, after: nil, limit: 1)
        let second = try await service.roles(of: user.id, after: first.items.last?.id, limit: 1)
        #expect(first.hasMore && !second.hasMore)
        #expect(Set((first.items + second.items).map(\.name)) == Self.grants.roles)
        try installation.remove(user)
        #expect(await failure { try await service.roles(of: user.id, after: nil, limit: 1) }?.code == .notFound)
    }
}
