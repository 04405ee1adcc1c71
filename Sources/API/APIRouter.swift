// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// Finds the endpoint of a request.
struct APIRouter: Sendable {
    /// The values of the parameters in a path, by their names.
    typealias Parameters = [(name: Substring, value: Substring)]

    /// What the methods of one path lead to.
    struct Route: Sendable {
        /// With parameters in braces.
        let path: String
        fileprivate let endpoints: [HTTPRequest.Method: Endpoint]
        /// The value of `Allow`: the methods.
        private let allowed: String

        /// The endpoint of a method, which for HEAD is that of GET.
        ///
        /// - Throws: ``MethodNotAllowed``.
        func endpoint(_ method: HTTPRequest.Method) throws(MethodNotAllowed) -> Endpoint {
            guard let endpoint = endpoints[method == .head ? .get : method] else {
                throw MethodNotAllowed(allowed: allowed)
            }
            return endpoint
        }

        fileprivate init(path: String, _ endpoints: [Endpoint]) {
            self.path = path
            self.endpoints = Dictionary(uniqueKeysWithValues: endpoints.map { ($0.method, $0) })
            var methods = Set(endpoints.map(\.method))
            if methods.contains(.get) { methods.insert(.head) }
            self.allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
        }
    }

    /// There is something at this address, but not for this method.
    struct MethodNotAllowed: Error {
        /// The value of `Allow`.
        let allowed: String
    }

    /// What stands for any path that leads nowhere.
    static let unknownAddress = DomainError(.notFound, "There is nothing at this address.")

    /// The routes without parameters.
    private let constant: [String: Route]
    private let root: Node

    init(_ endpoints: [Endpoint]) {
        let routes = Dictionary(grouping: endpoints, by: \.path).map { Route(path: $0, $1) }
        constant = Dictionary(
            uniqueKeysWithValues: routes.filter { !$0.path.contains("{") }.map { ($0.path, $0) }
        )
        root = Node(routes.map { (Self.segments(of: $0.path)[...], $0) })
    }

    /// The route of `path`, and what stands in the places of its parameters.
    ///
    /// - Throws: ``ErrorCode/notFound``.
    func route(_ path: String) throws(DomainError) -> (route: Route, parameters: Parameters) {
        if let route = constant[path] { return (route, []) }
        let segments = Self.segments(of: path)
        // What two readers of one address see differently is how access rules are evaded: no part of it is overlooked.
        guard path.utf8.first == UInt8(ascii: "/"), !segments.contains(""), let route = root.route(segments[...]) else {
            throw Self.unknownAddress
        }
        let names = Self.segments(of: route.path)
        let parameters = zip(names, segments).filter { Self.isParameter($0.0) }
        return (route, parameters.map { (name: $0.dropFirst().dropLast(), value: $1) })
    }

    private static func segments(of path: String) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    fileprivate static func isParameter(_ segment: Substring) -> Bool {
        segment.utf8.first == UInt8(ascii: "{")
    }
}

/// One place in the tree of all paths.
private final class Node: Sendable {
    private let literals: [Substring: Node]
    private let parameter: Node?
    private let route: APIRouter.Route?

    /// - Parameter routes: The routes below, each with the segments that are left of its path.
    init(_ routes: [(segments: ArraySlice<Substring>, route: APIRouter.Route)]) {
        let below = Dictionary(grouping: routes.filter { !$0.segments.isEmpty }) { routes in
            routes.segments.first.flatMap { APIRouter.isParameter($0) ? nil : $0 }
        }
        func node(_ routes: [(segments: ArraySlice<Substring>, route: APIRouter.Route)]) -> Node {
            Node(routes.map { ($0.segments.dropFirst(), $0.route) })
        }
        route = routes.first { $0.segments.isEmpty }?.route
        parameter = below[nil].map(node)
        literals = Dictionary(uniqueKeysWithValues: below.compactMap { key, routes in key.map { ($0, node(routes)) } })
    }

    /// A name of the path's own goes before a parameter.
    func route(_ segments: ArraySlice<Substring>) -> APIRouter.Route? {
        guard let first = segments.first else { return route }
        let rest = segments.dropFirst()
        return literals[first]?.route(rest) ?? parameter?.route(rest)
    }
}
