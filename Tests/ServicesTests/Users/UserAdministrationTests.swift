// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct UserAdministrationTests {
    private let installation: Installation
    private let ada: User
    private let email: EmailAddress

    init() throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        ada = try installation.addUser()
        email = try #require(EmailAddress("new@example.com"))
        installation.clock.advance(by: .seconds(1))
    }

    private var users: UserService { installation.userService }

    @Test func create_withNothingButAnAddress_makesWhatAFirstSignInMakes() async throws {
        let profile = try await users.create(NewUser(email: email), by: .shell)
        #expect(profile.user.email == email && profile.user.isActive)
        #expect(!profile.user.isEmailVerified && profile.user.displayName == nil)
        #expect(profile.user.createdAt == installation.clock.now() && profile.user.updatedAt == profile.user.createdAt)
        #expect(profile.grants == Grants(roles: ["user"]))
        #expect(try await users.find(profile.user.id) == profile)
    }

    @Test func create_withEverything_makesWhatIsSaid() async throws {
        let new = NewUser(
            email: email,
            isEmailVerified: true,
            displayName: "New",
            isActive: false,
            roles: ["ops", "admin"]
        )
        let profile = try await users.create(new, by: .shell)
        #expect(profile.user.isEmailVerified && profile.user.displayName == "New" && !profile.user.isActive)
        #expect(profile.grants.roles == ["ops", "admin"])
        #expect(try await users.create(NewUser(email: address("b")), by: .shell).grants.roles == ["user"])
        #expect(try await users.create(NewUser(email: address("c"), roles: []), by: .shell).grants == Grants())
    }

    @Test(arguments: [nil, ["ops"]] as [Set<String>?])
    func create_underAnAddressThatIsTaken_isAConflict(roles: Set<String>?) async throws {
        let before = installation.store.tables
        let new = NewUser(email: ada.email, roles: roles)
        #expect(await failure { try await users.create(new, by: .shell) }?.code == .conflict)
        #expect(installation.store.tables == before)
    }

    @Test func create_withARoleThatDoesNotExist_namesTheField() async throws {
        let new = NewUser(email: email, roles: ["ops", "nothing"])
        let error = await failure { try await users.create(new, by: .shell) }
        #expect(error?.code == .validationFailed)
        #expect(error?.fields.map(\.name) == ["roles"])
        #expect(installation.users.all.map(\.user.id) == [ada.id])
    }

    @Test func change_writesWhatIsSaidAndKeepsTheRest() async throws {
        let changes = UserChanges(displayName: .set(nil), isActive: .set(false))
        let profile = try await users.change(ada.id, changes, by: .shell)
        #expect(profile.user.displayName == nil && !profile.user.isActive)
        #expect(profile.user.email == ada.email && profile.user.isEmailVerified)
        #expect(profile.user.createdAt == ada.createdAt && profile.user.updatedAt == installation.clock.now())
        #expect(try installation.profile(of: ada) == profile)
        #expect(try await users.change(ada.id, UserChanges(isActive: .set(true)), by: .shell).user.isActive)
    }

    /// Nobody has vouched for a new address.
    @Test(
        arguments: [
            ("new", .keep, false), ("new", .set(true), true), ("new", .set(false), false), ("ada", .keep, true),
            (nil, .keep, true), (nil, .set(false), false),
        ] as [(String?, Change<Bool>, Bool)]
    )
    func change_ofTheAddress_isUnverifiedUnlessSaid(
        name: String?,
        isVerified: Change<Bool>,
        outcome: Bool
    ) async throws {
        let email = try name.map { Change.set(try address($0)) } ?? .keep
        let changes = UserChanges(email: email, isEmailVerified: isVerified)
        let profile = try await users.change(ada.id, changes, by: .shell)
        #expect(profile.user.isEmailVerified == outcome)
        #expect(try profile.user.email == address(name ?? "ada"))
    }

    @Test func change_toAnAddressThatIsTaken_isAConflict() async throws {
        let grace = try installation.addUser("grace")
        let before = installation.store.tables
        let error = await failure { try await users.change(ada.id, UserChanges(email: .set(grace.email)), by: .shell) }
        #expect(error?.code == .conflict)
        #expect(installation.store.tables == before)
    }

    @Test func delete_takesTheKeysAlong() async throws {
        let key = try await installation.key(of: ada, Grants())
        #expect(key.userID == ada.id)
        try await users.delete(ada.id, by: .shell)
        #expect(installation.users.all.isEmpty)
        #expect(installation.apiKeyRepository.stored.isEmpty)
    }

    @Test func assignAndUnassign_changeTheUserOnce() async throws {
        let ops = try installation.role("ops").id
        for _ in 0..<2 {
            try await users.assign(ops, to: ada.id, by: .shell)
            let profile = try installation.profile(of: ada)
            #expect(profile.grants == Grants(roles: ["user", "ops"], permissions: ["x:r"]))
            #expect(profile.user.updatedAt == ada.updatedAt + .seconds(1))
            installation.clock.advance(by: .seconds(1))
        }
        for _ in 0..<2 {
            try await users.unassign(ops, from: ada.id, by: .shell)
            let profile = try installation.profile(of: ada)
            #expect(profile.grants == Grants(roles: ["user"]))
            #expect(profile.user.updatedAt == ada.updatedAt + .seconds(3))
            installation.clock.advance(by: .seconds(1))
        }
    }

    @Test func whatIsNotThere_isNotFound() async throws {
        let ops = try installation.role("ops").id
        let (nobody, nothing) = (Identifier<User>.make(at: ada.createdAt), Identifier<Role>.make(at: ada.createdAt))
        let outcomes = [
            await failure { try await users.change(nobody, UserChanges(), by: .shell) },
            await failure { try await users.delete(nobody, by: .shell) },
            await failure { try await users.assign(ops, to: nobody, by: .shell) },
            await failure { try await users.assign(nothing, to: ada.id, by: .shell) },
            await failure { try await users.unassign(ops, from: nobody, by: .shell) },
            await failure { try await users.unassign(nothing, from: ada.id, by: .shell) },
        ]
        #expect(outcomes.allSatisfy { $0?.code == .notFound })
    }

    private func address(_ name: String) throws -> EmailAddress {
        try #require(EmailAddress("\(name)@example.com"))
    }
}
