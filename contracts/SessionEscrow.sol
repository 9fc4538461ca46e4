// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SessionLedger} from "./SessionLedger.sol";
import {Tokens} from "./Tokens.sol";

/// @title Prepaid sessions: the buyer pays in up front, signs for what is used, and gets the rest back.
/// @notice No owner, no upgrade, no fee. Nothing leaves but by a close (what was signed for to the seller, the rest to
/// the buyer) or by the withdrawal of what a close could not deliver.
///
/// Who may do what, and why neither side can lose:
/// - The buyer signs running totals: the most that may be charged. They may be ahead of use.
/// - Nothing is charged without the seller's word, which names the amount: he calls himself, or signs `ChargeUnits` or
///   `CloseSession`. What a buyer has signed is worth nothing to whoever finds it: in a transaction that waits, in one
///   that was reverted or was forgotten by a reorganisation, at a facilitator. It can only do what the seller asked for.
/// - The seller may close at any time: he gets what he named within what was signed, so closing early costs the buyer
///   nothing.
/// - The buyer may not close at once, for the seller may hold signatures that are not on the chain yet. He asks to close;
///   {CLOSING_PERIOD} later, or at expiry if that is sooner, anybody may close.
/// - Anybody may close an expired session, so the buyer's money is never held up by a seller who is gone. Signatures
///   count until the close, even after expiry: they are for units that were used before.
///
/// Tokens whose balances change by themselves, or that charge the sender on top of an amount, must not be used.
/// Sessions in such a token harm each other, never those in another token.
contract SessionEscrow is SessionLedger {
    using Tokens for address;

    /// Sessions that {createSession} has opened: makes their ids unique.
    uint256 private _directSessions;

    /// @notice Opens a session with a deposit that the caller has approved.
    function createSession(
        address seller,
        address token,
        uint256 totalDeposit,
        uint256 pricePerUnit,
        uint256 duration
    ) external nonReentrant returns (bytes32 sessionId) {
        SessionTerms memory terms =
            SessionTerms(seller, token, totalDeposit, pricePerUnit, duration, bytes32(++_directSessions));
        sessionId = _reserve(terms, msg.sender, terms.salt);
        uint256 before = token.holding();
        token.pull(msg.sender, totalDeposit);
        _open(sessionId, terms, msg.sender, before);
    }

    /// @notice Opens a session with the buyer's EIP-3009 `ReceiveWithAuthorization`, for callers who pay gas for him.
    /// @dev Stands beside {createSession}, which takes the deposit from its caller and so cannot be called for a buyer.
    /// The token's signature covers only payer, payee, value and time. The terms are bound by its nonce, which must be
    /// {termsHash}: whoever sees the authorization can open this session with these terms and no other. It is a Receive
    /// authorization because a Transfer one can be taken to the token directly, which would leave the money here with no
    /// session to it.
    function createSessionWithAuthorization(SessionTerms calldata terms, Authorization calldata authorization)
        external
        nonReentrant
        returns (bytes32 sessionId)
    {
        bytes32 nonce = termsHash(terms);
        sessionId = _reserve(terms, authorization.from, nonce);
        uint256 before = terms.token.holding();
        terms.token.pullWithAuthorization(authorization, terms.totalDeposit, nonce);
        _open(sessionId, terms, authorization.from, before);
    }

    /// @notice Charges units that the buyer has signed as the next ones: `unitsUsedBefore` is the total on the chain.
    /// Only the seller may call it.
    /// @dev The running total alone lets a signature work once and in order only; `nonce` names it in the log.
    function consumeUnits(bytes32 sessionId, uint256 units, bytes calldata buyerSignature, bytes32 nonce)
        external
        notEntered
    {
        Account memory a = _running(sessionId);
        if (msg.sender != a.seller) revert NotSeller();
        uint256 used = a.unitsUsed;
        if (units == 0) revert AlreadyConsumed(used);
        _checkConsume(a.buyer, sessionId, units, used, nonce, buyerSignature);
        uint256 total = used + units;
        if (total > a.maxUnits) revert ExceedsDeposit(a.maxUnits);
        _charge(sessionId, a, total * a.pricePerUnit, total, nonce);
    }

    /// @notice Charges up to `consumedAmount` of what the buyer has signed, and goes on: the seller names the amount, by
    /// his EIP-712 `ChargeUnits`, with which nobody can close the session, or by calling himself.
    /// @dev Stands beside {consumeUnits}, which needs the seller's gas, and in which the totals must follow one another.
    /// The buyer's total is `unitsUsedBefore + units`. The greatest one wins, whatever was brought in before. An amount
    /// that is not above what is consumed charges nothing, so an old signature does no harm.
    function consumeUnitsAt(
        bytes32 sessionId,
        uint256 consumedAmount,
        bytes calldata sellerSignature,
        uint256 units,
        uint256 unitsUsedBefore,
        bytes calldata buyerSignature,
        bytes32 nonce
    ) external notEntered {
        Account memory a = _running(sessionId);
        if (consumedAmount <= _consumed(a)) revert AlreadyConsumed(a.unitsUsed);
        if (msg.sender != a.seller) _checkCharge(a.seller, sessionId, consumedAmount, sellerSignature);
        _checkConsume(a.buyer, sessionId, units, unitsUsedBefore, nonce, buyerSignature);
        _charge(sessionId, a, consumedAmount, units + unitsUsedBefore, nonce);
    }

    /// @notice Closes a session: the seller at any time, anybody from `closableAt` on.
    function closeSession(bytes32 sessionId) external nonReentrant {
        Account memory a = _running(sessionId);
        if (msg.sender != a.seller && block.timestamp < _closableAt(sessionId)) {
            revert NotClosableYet(_closableAt(sessionId));
        }
        _settle(sessionId, a);
    }

    /// @notice Closes a session with the seller's EIP-712 `CloseSession`, for callers who pay gas for him.
    /// @dev The amount must be what is consumed on the chain: an old signature cannot cut off what was used since.
    function closeSessionWithSignature(bytes32 sessionId, uint256 consumedAmount, bytes calldata sellerSignature)
        external
        nonReentrant
    {
        Account memory a = _running(sessionId);
        if (consumedAmount != _consumed(a)) revert WrongConsumedAmount(_consumed(a));
        _checkClose(a.seller, sessionId, consumedAmount, sellerSignature);
        _settle(sessionId, a);
    }

    /// @notice Charges `consumedAmount` of what the buyer has signed, and closes: the seller names the amount.
    /// @dev Stands beside {closeSessionWithSignature}: what was used since the last charge needs no call of its own. The
    /// amount is a whole number of
    /// units, no less than is consumed here already and no more than the buyer's total, `unitsUsedBefore + units`. Only the
    /// seller can choose less than was signed, by his EIP-712 `CloseSession` or by calling himself, and only he loses by it.
    function closeSessionAt(
        bytes32 sessionId,
        uint256 consumedAmount,
        bytes calldata sellerSignature,
        uint256 units,
        uint256 unitsUsedBefore,
        bytes calldata buyerSignature,
        bytes32 nonce
    ) external nonReentrant {
        Account memory a = _running(sessionId);
        if (msg.sender != a.seller) _checkClose(a.seller, sessionId, consumedAmount, sellerSignature);
        _checkConsume(a.buyer, sessionId, units, unitsUsedBefore, nonce, buyerSignature);
        _charge(sessionId, a, consumedAmount, units + unitsUsedBefore, nonce);
        _settle(sessionId, a);
    }

    /// @notice The buyer wants his rest back: anybody may close after {CLOSING_PERIOD}, or at expiry if that is sooner.
    function requestClose(bytes32 sessionId) external {
        Account memory a = _running(sessionId);
        if (msg.sender != a.buyer) revert NotBuyer();
        _request(sessionId);
    }

    /// @notice {requestClose} with the buyer's EIP-712 `RequestClose`, for callers who pay gas for him.
    function requestCloseWithSignature(bytes32 sessionId, bytes calldata buyerSignature) external {
        Account memory a = _running(sessionId);
        _checkRequest(a.buyer, sessionId, buyerSignature);
        _request(sessionId);
    }

    /// @notice Delivers what could not be delivered at a close. Anybody may call it; it pays the account it is owed to.
    function withdraw(address token, address account) external nonReentrant {
        uint256 amount = owed[token][account];
        if (amount == 0) revert NothingOwed();
        owed[token][account] = 0;
        token.push(account, amount);
        emit Withdrawn(token, account, amount);
    }

    /// @notice Many calls of this contract in one, each as if its caller had made it. One that is refused leaves the others
    /// as they are: what waits with it could be made invalid by anybody.
    /// @return done a bit for each of the first 256 calls, the lowest for the first one: whether it was carried out
    function batch(bytes[] calldata calls) external returns (uint256 done) {
        for (uint256 i = 0; i < calls.length; ++i) {
            bytes calldata call = calls[i];
            (uint256 given, bool ok) = (gasleft(), false);
            assembly ("memory-safe") {
                let free := mload(0x40)
                calldatacopy(free, call.offset, call.length)
                ok := delegatecall(gas(), address(), free, call.length, 0, 0)
            }
            if (ok) done |= 1 << i;
            else Tokens.checkGas(given);
        }
    }

    /// @notice The id that a session of these terms and this buyer has or will have, see {createSessionWithAuthorization}.
    function sessionIdOf(SessionTerms calldata terms, address buyer) external view returns (bytes32) {
        return _idOf(buyer, terms.token, termsHash(terms));
    }
}
