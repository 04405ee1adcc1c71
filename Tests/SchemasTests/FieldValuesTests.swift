// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Schemas
import Testing

@Suite struct FieldValuesTests {
    private static let declared = Field("a", .integer(1...3), "A number.")
    private static let undeclared = Field("b", .integer(1...3), "Another number.")

    private struct Request: RequestSchema {
        static let fields: [any FieldDescription] = [declared]

        init(_ values: FieldValues) throws(DomainError) {
            _ = try values.get(FieldValuesTests.undeclared)
        }
    }

    @Test func get_ofAFieldThatWasNotDeclared_isAnInternalError() {
        #expect(
            refusedFields { () throws(DomainError) in try Request.read(["a": 1]) }
                == ["internal: The field b was not declared."]
        )
    }

    @Test(
        arguments: [
            (1, nil), (3, nil), (0, "out_of_range"), (4, "out_of_range"), ("1", "wrong_type"),
            (.number(1), nil), (.number(1.5), "wrong_type"), (.number(4), "out_of_range"),
            (.number(1e300), "wrong_type"),
        ]
            as [(JSONValue, String?)]
    )
    func integer_isAWholeNumberWithinItsRange(value: JSONValue, code: String?) {
        do throws(FieldRefusal) {
            _ = try Self.declared.read(value)
            #expect(code == nil)
        } catch {
            #expect(code != nil)
        }
    }

    @Test func noInput_refusesAnyField() {
        #expect(refusedFields { () throws(DomainError) in try NoInput.read([:]) } == nil)
        #expect(refusedFields { () throws(DomainError) in try NoInput.read(["a": 1]) } == ["a unknown"])
    }

    /// More members or elements than any operation takes never reach one.
    @Test func read_ofTooManyMembersOrElements_isRefused() {
        let members = Dictionary(uniqueKeysWithValues: (0...1000).map { ("k\($0)", JSONValue.integer(1)) })
        #expect(refusedFields { () throws(DomainError) in try NoInput.read(.object(members)) }?.count == 20)
        let elements = JSONValue.array((0...1000).map { .string("a:b\($0)") })
        #expect(
            refusedFields { () throws(DomainError) in
                try RoleCreateRequest.read(["name": "a", "permissions": elements])
            } == ["permissions too_long"]
        )
    }
}
