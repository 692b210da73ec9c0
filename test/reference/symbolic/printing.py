"""Writes printing.json: expressions in the forms that SymPy prints.

ccode and jscode are null where an expression has none. The flag `unevaluated` marks input that is parsed without
simplification.
"""

from sympy import Basic, I, Set, Sum, ccode, jscode, latex, pretty, srepr
from sympy.logic.boolalg import BooleanAtom
from sympy.parsing.sympy_parser import parse_expr

from common import alone, parse, write

EXPRESSIONS = """
0
1
-1
7
-12
1/2
-1/2
22/7
123456789012345678901234567890
0.5
-0.5
1.0
1.5
100.0
0.1
3.14159
1e10
1e100
1.5e-7
-2.5e20
0.1*x
2.0*x
x + 1.0
pi
E
I
oo
-oo
zoo
nan
GoldenRatio
EulerGamma
Catalan
2*pi
pi/2
-pi/3
pi**2
2*E
2*I
-I
I/2
1 + I
1 - 2*I
I*x
x + I*y
x + 2*I
sqrt(2)*I
sqrt(2)
-sqrt(2)
sqrt(2)/2
2*sqrt(3)
sqrt(2) + sqrt(3)
1 + sqrt(5)
(1 + sqrt(5))/2
2**(1/3)
2**(2/3)
2**(-1/3)
3*2**(1/3)
2**(1/4)
x
-x
x_1
x1
x_i
x_10
x_ab
alpha
beta_1
Omega
theta
lamda
phi
varphi
Gamma
alpha_beta
x__2
x_1__2
mu_x
hbar
beta
gamma
zeta_1
S
x_hat
x_dot
foo
foo_bar
x + 1
x - 1
1 - x
-x - 1
-x + y
-x - y
x - y
y - x
x + y + z
z + y + x
a + x + b
2*x + 3*y - 4*z
x**2 + x + 1
1 + x + x**2 + x**3
x**2 - 2*x + 1
-x**2 + 2*x - 1
x**3*y + x*y**3 - x*y
x**2 + y**2 + x*y
x + pi
x + sqrt(2)
pi - x
x/2 + y/3
x/2 - 1/3
-x/2
2*x
-2*x
2*x/3
-2*x/3
x/3
x*y
-x*y
x*y*z
z*y*x
2*x*y
x/y
-x/y
2*x/y
2*x/(3*y)
2*x/3*y**-2
x*y/z
x/(y*z)
x/y/z
1/x
-1/x
1/(2*x)
-1/(2*x)
1/(x*y)
1/x**2
x**-3
3/x
-3/x**2
1/(x + 1)
1/(x + 1)**2
-1/(x + 1)
x/(x + 1)
(x + 1)/x
(x + 1)/(x - 1)
(x + 1)*(x - 1)
(x + 1)/2
(x - y)/3
-(x + 1)*(x - 1)
2*(x + 1)*(x - 1)
x*(x + 1)
-x*(y + 1)
(x + y)*(x - y)/z
(x + y)*z
(-x)*(-y)
(1 - x)*(2 - y)
(x + 1)**2
-(x + 1)**2
(x + 1)**2*(y - 1)**3
(x + y)/(x*y)
1 + 1/x
1 - 1/x
x + 1/x
1/x + 1/y
1/x - 1/y
1/(1 + 1/x)
x**2
x**10
-x**2
(-x)**2
(-x)**y
x**y
x**-y
x**(y + 1)
x**(y*z)
x**(y/2)
x**(-y/2)
x**y**z
(x**y)**z
(x*y)**z
(x/y)**z
(x + y)**z
x**(1/2)
x**(1/3)
x**(2/3)
x**(3/2)
x**(-1/2)
x**(-3/2)
x**(1/7)
x**0.5
x**1.5
x**pi
x**I
2**x
2**(-x)
2**(x + 1)
(1/2)**x
(-1)**x
(-2)**x
(2/3)**x
pi**x
I**x
sqrt(x)
sqrt(x + 1)
sqrt(x*y)
1/sqrt(x)
2/sqrt(x)
sqrt(x)/2
x*sqrt(y)
x/sqrt(x**2 + 1)
sqrt(x)/y
sqrt(1/x)
sqrt(sqrt(x) + 1)
sqrt(x)**3
exp(x)
exp(-x)
exp(2*x)
exp(x/2)
exp(-x**2/2)
exp(x)/2
2*exp(-x)
x*exp(x)
exp(x + y)
exp(1/x)
exp(sqrt(x))
exp(exp(x))
exp(x)*exp(y)
exp(I*x)
exp(2)
1/(1 + exp(-x))
exp(-x**2/2)/sqrt(2*pi)
log(x)
log(x)**2
log(2)
log(x + 1)/2
1/log(x)
x*log(x)
log(x)/log(2)
log(log(x))
sin(x)
-sin(x)
sin(-x)
sin(x)**2
sin(x)**-1
sin(x)**(1/2)
sin(x)**y
sin(2*x)
sin(x + y)
sin(x)*cos(y)
sin(x)/x
sin(x)**2 + cos(x)**2
tan(x) + cot(x) + sec(x) + csc(x)
asin(x)
acos(x)**2
atan(x)/2
acot(x)
asec(x)
sinh(x)
cosh(x)**2
tanh(x)
asinh(x)
acosh(x)
atanh(x)
sin(cos(tan(x)))
sin(x)*exp(-x)*log(y)
x**2*sin(x)*exp(x)
Abs(x)
Abs(x - 1)
Abs(x)**2
sign(x)
floor(x)
ceiling(x)
floor(x)**2
Max(x, y)
Min(x, 2)
Max(x, y, 0)
Heaviside(x)
DiracDelta(x)
erf(x)
erfc(x)
gamma(x)
gamma(x)**2
loggamma(x)
digamma(x)
polygamma(2, x)
factorial(x)
factorial(x + 1)
factorial(x)**2
binomial(x, y)
atan2(y, x)
beta(x, y)
zeta(x)
LambertW(x)
re(x)
im(x)
conjugate(x)
arg(x)
f(x)
f(x)**2
f(x, y)
f(g(x))
-f(x)
f(x)*g(x)
f(x + 1)/g(x)
Derivative(f(x), x)
Derivative(f(x), x, 2)
Derivative(f(x), x)**2
-Derivative(f(x), x)
x*Derivative(f(x), x)
Derivative(f(x), x) + f(x)
Derivative(f(x, y), x)
Derivative(f(x, y), x, y)
Derivative(f(x, y), x, 2, y, 3)
Derivative(x**2 + 1, x)
Derivative(sin(x)*f(x), x)
Derivative(f(g(x)), g(x))
Subs(Derivative(f(x), x), x, 0)
Subs(f(x), x, y + 1)
Integral(x**2, x)
Integral(f(x), (x, 0, 1))
Integral(exp(-x**2), (x, -oo, oo))
Integral(x*y, x, y)
Sum(x**2, (x, 1, n))
Sum(1/n**2, (n, 1, oo))
Product(x, (x, 1, n))
Limit(sin(x)/x, x, 0)
Limit(1/x, x, 0, "-")
O(x**3)
1 + x + O(x**2)
Eq(x, y)
Ne(x, 1)
x < y
x <= 1
x > 0
x >= y + 1
Eq(x**2, y/2)
(x > 0) & (x < 1)
(x < 0) | (x > 1)
~(x > 0)
And(a, b)
Or(a, Not(b))
true
false
Piecewise((x, x > 0), (0, True))
Piecewise((x**2, x < 0), (sin(x), x < 1), (1/x, True))
Piecewise((x, x > 0), (-x, x <= 0))
1 + Piecewise((x, x > 0), (0, True))
2*Piecewise((x, x > 0), (0, True))
Piecewise((1, (x > 0) & (x < 1)), (0, True))
Matrix([[1, 2], [3, 4]])
Matrix([[x, 1/2], [sqrt(y), -z]])
Matrix([1, 2, 3])
Matrix([[1, 2, 3]])
Matrix([[x**2, sin(x)/2], [1/x, exp(-x)]])
Matrix([[x]])
Matrix(0, 0, [])
[x, y, 1/2]
(x, y)
(x,)
{x: 1, y: x**2}
[[x, 1], [y, 2]]
FiniteSet(1, 2, x)
Interval(0, 1)
Interval.open(0, oo)
EmptySet
"""

# As written: SymPy is told not to simplify.
UNEVALUATED = """
2*3
1 + 2
x + x
x*x
x - x
x*1
2*(x + 1)
-(x + 1)
x/2/3
(x**2)**3
1/(1/x)
-(-x)
x*(-1)
(x + 1)*2
2*x*3*y
x**2*x**3
sqrt(4)
log(1)
x + 1 + 2
x - (y - z)
x/(y/z)
x*(y*z)
x**(-1)
"""


def code(printer, expr):
    """The code of an expression; there is none for i, sums and sets, and True and False differ between languages."""
    if not isinstance(expr, Basic) or isinstance(expr, (Set, BooleanAtom)) or expr.has(I, Sum):
        return None
    try:
        text = printer(expr)
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None
    return None if "Not supported" in text else text


def forms(text, expr):
    return {
        "input": text,
        "str": str(expr),
        "latex": latex(expr),
        "pretty": pretty(expr, use_unicode=True, wrap_line=False),
        "srepr": srepr(expr),
        "ccode": code(ccode, expr),
        "jscode": code(jscode, expr),
    }


cases = []
for text in EXPRESSIONS.strip().splitlines():
    with alone(text):
        cases.append(forms(text, parse(text)))
for text in UNEVALUATED.strip().splitlines():
    with alone(text):
        cases.append(forms(text, parse_expr(text, evaluate=False)) | {"unevaluated": True})
write(__file__, cases)
